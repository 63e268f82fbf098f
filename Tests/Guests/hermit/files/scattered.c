/* scattered.c: buffers of version 1 are virtual addresses, and pages next to
 * each other there need not be in memory. */
#include "files.h"

#define WINDOW 0x7f0000000000ULL
#define PAGES 4

static uint8_t pages[PAGES][PAGE_SIZE] __attribute__((aligned(4096)));

/* The pages in an order of their own. */
static uint8_t *make_window(void)
{
    static const unsigned order[PAGES] = {2, 0, 3, 1};
    for (unsigned i = 0; i < PAGES; i++)
        map_page(WINDOW + i * PAGE_SIZE, (uintptr_t)pages[order[i]], 1);
    return (uint8_t *)WINDOW;
}

/* The buffer begins and ends in the midst of pages. */
int run_scattered(uint64_t argument)
{
    uint64_t length = 2 * PAGE_SIZE + 100;
    (void)argument;
    if (flavour.interface != UHYVE_INTERFACE_1)
        return HVT_EXIT_SUCCESS;
    uint8_t *window = make_window();
    for (uint64_t i = 0; i < PAGES * PAGE_SIZE / 8; i++)
        ((volatile uint64_t *)window)[i] = i;
    int32_t fd = file_open(path_of("scattered"), O_RDWR | O_CREAT | O_TRUNC, 0644);
    EXPECT_DESCRIPTOR(fd);
    EXPECT(file_write(fd, window + 4000, length), (int64_t)length);
    EXPECT(file_seek(fd, 0, SEEK_CUR), (int64_t)length);
    EXPECT(file_seek(fd, 0, SEEK_SET), 0);
    EXPECT(file_read(fd, window + 6000, length), (int64_t)length);
    EXPECT(file_close(fd), 0);
    EXPECT(file_unlink(path_of("scattered")), 0);
    for (uint64_t i = 0; i < length / 8; i++) {
        uint64_t found = ((volatile uint64_t *)(window + 6000))[i];
        REQUIRE(found == 500 + i, "word %lu is %lu", i, found);
    }
    REQUIRE(((volatile uint64_t *)window)[749] == 749, "before the buffer");
    return HVT_EXIT_SUCCESS;
}

/* The page in the middle is not mapped. */
int run_scattered_hole(uint64_t argument)
{
    (void)argument;
    if (flavour.interface != UHYVE_INTERFACE_1)
        return HVT_EXIT_SUCCESS;
    uint8_t *window = make_window();
    *page_entry_slot(WINDOW + PAGE_SIZE, 1) = 0;
    int32_t fd = file_open(path_of("inside"), O_RDONLY, 0);
    EXPECT_DESCRIPTOR(fd);
    int64_t result = file_read(fd, window + PAGE_SIZE - 4, 100);
    printl("read into a hole: result=%ld", result);
    REQUIRE(result == -EFAULT || result == 4, "result");
    EXPECT(file_read(fd, window + PAGE_SIZE, 100), -EFAULT);
    file_write(1, window + PAGE_SIZE, 100);
    EXPECT(file_close(fd), 0);
    return HVT_EXIT_SUCCESS;
}
