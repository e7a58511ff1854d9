/*
 * How programs of JDIST_SANITIZE behave, unless ASAN_OPTIONS and UBSAN_OPTIONS say otherwise: linked into each of them.
 *
 * They end with a status that no other part of jdist uses. Memory that is still there when a program ends is no fault:
 * both programs end soon, or become another one.
 */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

const char *__asan_default_options(void)
{
    return "exitcode=99:detect_leaks=0:detect_stack_use_after_return=1";
}

__attribute__((weak)) const char *__ubsan_default_options(void)
{
    return "exitcode=99:print_stacktrace=1";
}
