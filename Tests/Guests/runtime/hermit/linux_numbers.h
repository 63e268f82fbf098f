/* linux_numbers.h: what the interface takes over from Linux on x86_64. */
#ifndef HERMIT_LINUX_NUMBERS_H
#define HERMIT_LINUX_NUMBERS_H

enum {
    EPERM = 1,
    ENOENT = 2,
    EBADF = 9,
    EFAULT = 14,
    EEXIST = 17,
    ENOTDIR = 20,
    EISDIR = 21,
    EINVAL = 22,
    EMFILE = 24,
    EROFS = 30,
    ENAMETOOLONG = 36,
};

enum {
    O_RDONLY = 0,
    O_WRONLY = 1,
    O_RDWR = 2,
    O_CREAT = 0100,
    O_EXCL = 0200,
    O_TRUNC = 01000,
    O_APPEND = 02000,
    O_DIRECTORY = 0200000,
};

enum {
    SEEK_SET = 0,
    SEEK_CUR = 1,
    SEEK_END = 2,
};

enum {
    S_IFMT = 0170000,
    S_IFDIR = 0040000,
    S_IFREG = 0100000,
    DT_DIR = 4,
    DT_REG = 8,
    DT_LNK = 10,
};

#endif
