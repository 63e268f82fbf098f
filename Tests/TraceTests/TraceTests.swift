#if Trace
    import Testing
    import Trace
#endif
