"""Random sources in C and C++: what they include, what they embed, and what compilers warn of in them."""

STD_C = ("stddef.h", "stdint.h", "errno.h", "stdbool.h", "signal.h", "string.h", "stdio.h", "limits.h")
STD_CXX = ("cstddef", "cstdint", "vector", "string", "map", "memory", "algorithm", "type_traits")

# Each is a whole declaration or definition with N in place of a number; a compiler may warn of it, or refuse it.
WARNED = (
    "int unused_N(int argument) { int local; return 0; }",
    "int compared_N(int a, unsigned b) { return a < b; }",
    "int uninitialised_N(void) { int a; return a; }",
    "int assigned_N(int a) { if (a = N) return 1; return 0; }",
    "int falls_N(int a) { switch (a) { case 1: a++; case 2: a--; } return a; }",
    "int falls_on_purpose_N(int a) { switch (a) { case 1: a++; /* fall through */ case 2: a--; } return a; }",
    "int misled_N(int a) {\n    if (a)\n        a++;\n        a--;\n    return a;\n}",
    "int misled_by_tabs_N(int a) {\n\tif (a)\n\t\ta++;\n\t\ta--;\n\treturn a;\n}",
    "#define TWO_N(x) x++; x++\nint multistatement_N(int a) { if (a) TWO_N(a); return a; }",
    "int shifted_N(int a) { return a << 40; }",
    "int divided_N(int a) { return a / 0; }",
    "unsigned char overflowed_N = 300;",
    "int bounds_N(void) { int a[2] = {0, 0}; return a[N + 2]; }",
    "int logical_N(int a, int b, int c) { return a && b || c; }",
    "static int never_called_N(void) { return N; }",
    "int empty_body_N(int a) { if (a); return 0; }",
    "#warning a warning of unit N\nint warned_N;",
    "int comment_N; /* a /* in a comment */",
    "int line_comment_N; // ends with a backslash \\\nint swallowed_N;",
    "int undefined_order_N(int i) { i = i++ + 1; return i; }",
    "int sizeof_pointer_N(int a[10]) { return sizeof(a); }",
    "#pragma unknown_pragma N\nint pragma_N;",
    "int self_N(int a) { a = a; return a == a; }",
    'int literal_N(char *a) { return a == "text"; }',
    "int deprecated_N(void) __attribute__((deprecated)); int calls_N(void) { return deprecated_N(); }",
    "struct __attribute__((unknown_attribute)) attributed_N { int a; };",
    "int dangling_else_N(int a, int b) { if (a) if (b) return 1; else return 2; return 0; }",
    "int error_N(void) { return not_declared_N; }",
)
WARNED_C = (
    "int null_N(void) { return NULL; }",
    "char *errno_N(void) { return EINVAL; }",
    "char *bool_N(void) { return true; }",
    "int (*handler_N)(int) = SIG_IGN;",
    "unsigned char maximum_N = UINT16_MAX;",
    "int implicit_N(void) { return implicitly_N(); }",
    "int printed_N(char *a) { return printf(\"%d %s\", a, 1); }",
    "int copied_N(void) { char a[2]; strcpy(a, \"long text\"); return a[0]; }",
    "int pointer_N(int *a) { char *b = a; return *b; }",
    "old_style_N() { return 1; }",
)
WARNED_CXX = (
    "int null_N() { int i = NULL; return i; }",
    "struct base_N { virtual int f(); ~base_N(); }; void drop_N(base_N *b) { delete b; }",
    "struct order_N { int a, b; order_N() : b(1), a(b) {} };",
    "int moved_N(std::string s) { return std::string(s + \"x\").c_str()[0]; }",
    "int narrowed_N() { unsigned char c = {300}; return c; }",
    "auto lambda_N = [](int a) { int b = a; return [=] { return 1; }; };",
    "int compare_N(std::vector<int> v) { for (int i = 0; i < v.size(); i++) return i; return 0; }",
)
# What a compiler puts into an object beside the code: names, lines, times, other files.
EMBEDDING = (
    "const char *file_N = __FILE__;",
    "int line_N = __LINE__;",
    "int counter_N = __COUNTER__;",
    "const char *date_N = __DATE__;",
    "const char *timestamp_N = __TIMESTAMP__;",
    "int level_N = __INCLUDE_LEVEL__;",
    "const char *function_N(void) { return __func__; }",
    "#define   ADDED_N(x)  ((x)   +  1)\nint\tadded_N(int  a, int *  b) { return b[ADDED_N(a)]   << /* by */ ADDED_N(a); }",
    "typedef   struct { int a; } unnamed_N_t; const char *  pretty_N(unnamed_N_t *a) { return  a ? __PRETTY_FUNCTION__ : 0; }",
    "#ifdef __clang__\nint  column_N(void) { return /* where */   __builtin_COLUMN(); }\n#endif",
    "#ifdef __cplusplus\n#define NAMED_N(x)   named_N( x )\ntemplate <class T> const char *named_N(T) { return __PRETTY_FUNCTION__; }\n"
    "const char *lambda_name_N() { return /* of */  NAMED_N([](int a) { return a; }); }\n#endif",
    "#if __cplusplus >= 202002L\n#include <source_location>\n#define   HERE_N  std::source_location::current()\n"
    "unsigned place_N() { return   HERE_N.column(); }\n#endif",
    'int assembled_N(int a) { asm  volatile("" :   "+r"(a)); return  a; }',
    "#line 77 \"elsewhere.c\"\nconst char *moved_line_N = __FILE__;",
    "#if __has_include(\"maybe.h\")\n#include \"maybe.h\"\nint maybe_N = MAYBE;\n#else\nint maybe_N = -1;\n#endif",
    'asm(".pushsection .data.N\\n.incbin \\"blob.bin\\"\\n.popsection");',
    'asm(".pushsection .data.N\\n.inc" "bin \\"blob.bin\\"\\n.popsection");',
    '#define PUT_N(x) asm(".pushsection .data.N\\n" x " \\"blob.bin\\"\\n.popsection")\nPUT_N(".incbin");',
    'asm(".pushsection .data.N\\n\\x2eincbin \\"blob.bin\\"\\n.popsection");',
    'asm(".macro get_N what\\n.inc\\\\what \\"blob.bin\\"\\n.endm\\n.pushsection .data.N\\nget_N bin\\n.popsection");',
    'asm(".pushsection .data.N\\n.include \\"asm.inc\\"\\n.popsection");',
    'const char *sentence_N = "mind the .incbin \\"blob.bin\\" here";',
    'int section_N __attribute__((section(".data.N\\n.inc" "bin \\"blob.bin\\"\\n#")));',
    '#define S_N(x) #x\n#define X_N(x) S_N(x)\n#define J_N(a, b) a##b\n'
    'asm(".pushsection .data.N\\n." X_N(J_N(inc, bin)) " \\"blob.bin\\"\\n.popsection");',
    'asm(".pushsection .data.N\\n.irp what, bin\\n.inc\\\\what \\"blob.bin\\"\\n.endr\\n.popsection");',
    '#include "embed.h"\nEMBED("bin")',
    "const char *time_N = __TIME__;",
    "#define P_N(a, b) a##b\nconst char *pasted_time_N = P_N(__TI, ME__);",
    "#define Q_N(b) __TI##b\nconst char *half_time_N = Q_N(ME__);",
    '#include "clock.h"\nconst char *time_of_header_N = CLOCK(ME__);',
    "_Pragma(\"GCC diagnostic ignored \\\"-Wunused-variable\\\"\") static int quiet_N = N;",
)
# What wrappers and options set.
TOLD = "#ifdef V\nint from_the_wrapper = V;\n#endif\n#ifdef SET\nint from_an_option = SET;\n#endif"
# The headers that some of these include.
HIDING = {
    "embed.h": "#define EMBED(what) asm(\".pushsection .data.h\\n.inc\" what \" \\\"blob.bin\\\"\\n.popsection\");\n",
    "clock.h": "#define CLOCK(end) __TI##end\n",
}
# What makes a part of clang end, which its driver tells by an exit code of its own; gcc knows nothing of it.
CRASH = "#pragma clang __debug crash"
# Declares what takes an optimiser a while, so that events happen during the compile.
SLOW = (
    "int slow_N(int a, int b) {{ int s = 0; for (int i = 0; i < a; i++) {{ s += i * b ^ {0}; "
    "if (s & ({0} % 7 + 1)) s -= b / ({0} + 1 + i); }} return s; }}"
)


def numbered(text, number):
    """Names end in _N, and a lone N is a number."""
    return text.replace("_N", f"_{number}").replace(" N", f" {number % 7}").replace(".N", f".n{number}")


def unit(random, headers, cxx, slow=0):
    """The text of a unit which includes some of the headers, and whose object tells their values."""
    lines = []
    for header in random.sample(STD_CXX if cxx else STD_C, random.choice((0, 2, 8))):
        lines.append(f"#include <{header}>")
    chosen = random.sample(headers, min(len(headers), random.randint(1, 3)))
    for header in chosen:
        style = random.randrange(5)
        if style == 0:
            lines.append(f"#define THE_HEADER <{header}>\n#include THE_HEADER\n#undef THE_HEADER")
        elif style == 1:
            lines.append(f"#if __has_include(<{header}>)\n#include <{header}>\n#endif")
        else:
            lines.append(f'#include "{header}"' if style == 2 else f"#include <{header}>")
    number = random.randrange(1000)
    for header in chosen:
        name = macro(header)
        lines.append(f"#ifdef {name}\nint value_of_{name}(void) {{ return {name}; }}\n#endif")
    # A slow one is to be kept, and to say no more than its headers' values.
    if not slow and random.random() < 0.5:
        pool = WARNED + (WARNED_CXX if cxx else WARNED_C)
        # What includes no standard header is refused in many of them, which is worth a compile, too, but not most.
        for text in random.sample(pool, random.randint(1, 4)):
            lines.append(numbered(text, number))
    if not slow and random.random() < 0.4:
        for text in random.sample(EMBEDDING, random.randint(1, 2)):
            lines.append(numbered(text, number))
    lines.append(TOLD)
    lines += [SLOW.format(i).replace("_N", f"_{i}") for i in range(slow)]
    return "\n".join(lines) + "\n"


def header(random, name, value, others):
    lines = ["#pragma once"] if random.random() < 0.5 else []
    lines.append(f"#define {macro(name)} {value}")
    if others and random.random() < 0.4:
        lines.append(f'#include "{random.choice(others)}"')
    if random.random() < 0.2:
        lines.append(f"static inline int inline_{macro(name)}(int a) {{ int unused; return a + {value}; }}")
    return "\n".join(lines) + "\n"


def macro(header):
    return "W_" + "".join(letter if letter.isalnum() else "_" for letter in header)
