#if Dumpcore
    import Testing
    import Dumpcore
#endif
