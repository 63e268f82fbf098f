#if Gdb
    import Testing
    import Gdb
#endif
