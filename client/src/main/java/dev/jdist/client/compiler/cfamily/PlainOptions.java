package dev.jdist.client.compiler.cfamily;

import static dev.jdist.client.compiler.cfamily.Option.option;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Options about which there is nothing to know but that their value is no file that the compiler reads or writes: a number, a
 * word, a list, or a text that stands for itself. What is in no table may name a file, so these have to be known. From the
 * option lists of gcc 12 to 16 and of clang 14 to 23.
 */
final class PlainOptions {
    /** {@code -f…=VALUE} of gcc or clang. Names and patterns of names of files are among the values, which are compared only. */
    private static final String VALUES_OF_F = """
            abi-compat-version abi-version align-functions align-jumps align-labels align-loops aligned-new
            alloc-token-max allow-runtime-check-skip-hot-cutoff altivec-src-compat analyzer-checker
            analyzer-verbosity apinotes-swift-version asan-shadow-offset binutils-version blas-matmul-limit
            bracket-depth build-session-timestamp c++-abi c++-static-destructors caret-diagnostics-max-lines
            cf-protection cf-runtime-abi checking clang-abi-compat codegen-data-generate
            comment-block-commands complex-arithmetic concepts-diagnostics-depth const-string-class
            constant-array-class constant-dictionary-class constant-double-number-class
            constant-float-number-class constant-integer-number-class constant-string-class
            constexpr-backtrace-limit constexpr-cache-depth constexpr-depth constexpr-loop-limit
            constexpr-ops-limit constexpr-steps contract-assumption-mode contract-build-level
            contract-continuation-mode contract-evaluation-semantic contract-mode contract-role
            contract-semantic contract-strict-declarations contracts-client-check contracts-definition-check
            coverage-compilation-dir coverage-prefix-map crash-diagnostics crash-diagnostics-dir
            crash-diagnostics-tar cx-method dbg-cnt debug-compilation-dir debug-default-version
            debug-prefix-map denormal-fp-math denormal-fp-math-f32 diagnostics-column-origin
            diagnostics-column-unit diagnostics-escape-format diagnostics-hotness-threshold
            diagnostics-minimum-margin-width diagnostics-misexpect-tolerance diagnostics-path-format
            diagnostics-show-category diagnostics-show-context diagnostics-show-location
            diagnostics-text-art-charset emit-dwarf-unwind emit-struct-debug-detailed error-limit
            excess-precision exec-charset experimental-sanitize-metadata extend-arguments
            extend-variable-liveness file-compilation-dir file-prefix-map fp-contract fp-eval-method
            fp-exception-behavior fp-model fuchsia-api-level gnat-encodings gnuc-version gpu-default-stream
            gpu-inline-threshold hardcfr-check-noreturn-calls implicit-modules-lock-timeout inline-limit
            inline-max-stacksize inline-stringops instrument-functions-exclude-file-list
            instrument-functions-exclude-function-list ira-algorithm ira-region ira-verbose
            lax-vector-conversions lifetime-dse limited-precision linker-output live-patching
            lto-compression-level lto-jobs lto-partition lto-partitions lto-toplevel-asm-heuristics
            macro-backtrace-limit macro-prefix-map malloc-dce matrix-memory-layout max-errors
            max-include-depth max-tokens max-type-align memory-profile message-length min-function-alignment
            module-name modules-ignore-macro ms-compatibility-version ms-memptr-rep ms-runtime-lib
            msc-version name-mangling-version new-alignment no-experimental-sanitize-metadata no-sanitize
            no-sanitize-annotate-debug-info no-sanitize-coverage no-sanitize-merge no-sanitize-recover
            no-sanitize-trap no-strict-bool objc-abi-version objc-nonfragile-abi-version objc-runtime
            offload-abi offload-abi-host-opts offload-lto offload-options openacc-dim openmp
            openmp-cuda-blocks-per-sm openmp-cuda-number-of-sm openmp-cuda-teams-reduction-recs-num
            openmp-target-debug openmp-target-simd-clone openmp-version operator-arrow-depth
            optimization-record-passes pack-struct patchable-function-entry path-coverage-limit
            permitted-flt-eval-methods pointer-tbaa preferred-function-alignment profile-dir
            profile-exclude-files profile-filter-files profile-function-groups profile-info-section
            profile-prefix-map profile-prefix-path profile-reproducible profile-selected-function-group
            profile-update ptrauth-abi-version random-seed randomize-layout-seed record-marker
            reorder-blocks-algorithm sanitize-address-destructor sanitize-address-field-padding
            sanitize-address-use-after-return sanitize-annotate-debug-info sanitize-coverage
            sanitize-coverage-stack-depth-callback-min sanitize-debug-trap-reasons sanitize-hwaddress-abi
            sanitize-ignore-for-ubsan-feature sanitize-kcfi-arity sanitize-kcfi-hash
            sanitize-memory-track-origins sanitize-memtag-mode sanitize-merge sanitize-recover
            sanitize-sections sanitize-skip-hot-cutoff sanitize-trap
            sanitize-undefined-ignore-overflow-pattern sanitize-undefined-strip-path-components
            sched-stalled-insns sched-stalled-insns-dep sched-verbose show-overloads simd-cost-model
            spell-checking-limit sso-struct stack-check stack-limit-register stack-limit-symbol stack-reuse
            strict-flex-arrays strong-eval-order swift-async-fp symbol-partition tabstop
            template-backtrace-limit template-depth tls-model track-macro-expansion trampoline-impl
            trap-function trapv-handler tree-parallelize-loops tree-vectorizer-verbose trivial-auto-var-init
            trivial-auto-var-init-max-size trivial-auto-var-init-stop-after unique-source-file-identifier
            use-cuid use-ld veclib vect-cost-model visibility visibility-dllexport
            visibility-externs-dllimport visibility-externs-nodllstorageclass visibility-global-new-delete
            visibility-nodllstorageclass vtable-verify wide-exec-charset win-cfg-mechanism winx64-eh-unwind
            winx64-eh-unwindv2 xray-function-groups xray-instruction-threshold xray-instrumentation-bundle
            xray-modes xray-selected-function-group zero-call-used-regs zero-init-padding-bits
            """;

    /** {@code -m…=VALUE} of the processors that gcc or clang compile for. */
    private static final String VALUES_OF_M = """
            abi abs address-mode align-branch align-branch-boundary align-data align-functions align-jumps
            align-loops apx-features arch asm atomic-model block-compare-inline-limit
            block-move-inline-limit branch-cost branch-protection cf-branch-label-scheme cmodel
            code-object-version code-readable code-region compact-branches cpu data-region
            default-visibility-export-mapping div double evex-encoding exec-model extra-l32r-costs
            fentry-name fentry-section fixed-range float-abi float-gprs fp-rounding-mode fp-trap-mode
            fp16-format fpmath fpu frame-chain frame-limit function-return guard harden-sls hotpatch hvx
            hvx-length hvx-qfloat hwdiv hwmult implicit-it incoming-stack-boundary indirect-branch
            indirect-jump instrument-return int-register ios-simulator-version-min ios-version-min
            iphoneos-version-min isa isa-spec kernel lam large-data-threshold linker-version long-double
            macos-version-min macosx-version-min max-constant-size max-inline-memcpy-size mcu
            memcpy-strategy memory-latency memory-model memset-strategy move-max mpy-option n-flash nan
            no-apx-features no-tocdata oslib override pad-max-prefix-size pic-register prefer-vector-width
            preferred-stack-boundary printf-kind ptx r10k-cache-barrier recip regparm relax-cmpxchg-loop
            rvv-max-lmul rvv-vector-bits sched-costly-dep schedule scs-reg sdata sign-return-address
            silicon-errata simd small-data-limit small-data-threshold stack-alignment stack-guard
            stack-probe-size stack-protector-guard stack-protector-guard-offset stack-protector-guard-reg
            stack-protector-guard-symbol stack-protector-guard-value-width stack-size store-max
            stringop-strategy structure-size-boundary sve-streaming-vector-bits sve-vector-bits targetos
            tls-dialect tls-size tocdata tp tp-regno traceback tune tune-ctrl tvos-version-min
            unroll-only-small-loops veclibabi vscale-max vscale-min warn-dynamicstack warn-framesize
            watchos-simulator-version-min watchos-version-min
            """;

    /** Other options with a value behind an equals sign. */
    private static final String OTHER_VALUES = """
            -cl-ext -cl-std -cuid -inline-asm -rtlib -sycl-std -unwindlib
            """;

    /** Options of one dash, of no large family, that take no value: most are for the linker, or chose a dialect. */
    private static final String FLAGS = """
            -C -CC -Qn -Qunused-arguments -Qy -ansi -canonical-prefixes -cl-fast-relaxed-math -dynamic
            -ibuiltininc -integrated-as -no-canonical-prefixes -no-hip-rt -no-integrated-as -no-integrated-cpp
            -no-pedantic -no-pie -no-pthread -nobuiltininc -nodefaultlibs -nogpuinc -nogpulib -nohipwrapperinc
            -nolibc -noprebind -nostartfiles -nostdlib -nostdlib++ -nostdlibinc -pass-exit-codes -r -rdynamic
            -regcall4 -s -shared -shared-libasan -shared-libgcc -shared-libsan -static -static-libasan
            -static-libgcc -static-libsan -static-libstdc++ -static-openmp -static-pie -symbolic -t -traditional
            -traditional-cpp -undef
            """;

    private PlainOptions() {}

    /** A row for each. */
    static List<Option> rows() {
        List<Option> rows = new ArrayList<>();
        names("-f", VALUES_OF_F).forEach(name -> rows.add(value(name)));
        names("-m", VALUES_OF_M).forEach(name -> rows.add(value(name)));
        names("", OTHER_VALUES).forEach(name -> rows.add(value(name)));
        names("", FLAGS)
                .forEach(name ->
                        rows.add(option(name, OptionForm.FLAG).namesNoFile().unknownBehindXclang()));
        return rows;
    }

    private static Stream<String> names(String prefix, String names) {
        return Stream.of(names.strip().split("\\s+")).map(name -> prefix + name);
    }

    private static Option value(String name) {
        return option(name, OptionForm.JOINED_BY_EQUALS).namesNoFile().unknownBehindXclang();
    }
}
