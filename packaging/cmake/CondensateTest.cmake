# condensate_test(tst_codebook LINK condensate_core ...): one executable and one ctest entry per file.
# Called from tests/<folder>/CMakeLists.txt. TORCH: the test itself includes torch. GUI: offscreen Qt Widgets.
function(condensate_test name)
    cmake_parse_arguments(arg "TORCH;GUI" "TIMEOUT" "LINK" ${ARGN})
    add_executable(${name} ${name}.cpp)
    set_target_properties(${name} PROPERTIES AUTOMOC ON RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
    target_link_libraries(${name} PRIVATE condensate_options condensate_warnings ${arg_LINK} Qt6::Test)
    target_compile_definitions(${name} PRIVATE TEST_SOURCE_DIR="${PROJECT_SOURCE_DIR}/tests"
                               CONDENSATE_PROGRAM="$<TARGET_FILE:condensate>")
    if(arg_TORCH)
        target_compile_definitions(${name} PRIVATE QT_NO_KEYWORDS)
        target_link_libraries(${name} PRIVATE condensate_torch)
    endif()
    add_test(NAME ${name} COMMAND ${name})
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 120)
    endif()
    # What libraries without the thread sanitizer do among themselves it cannot judge.
    set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT}
        ENVIRONMENT "TSAN_OPTIONS=ignore_noninstrumented_modules=1;QT_QPA_PLATFORM=offscreen;OPENBLAS_NUM_THREADS=1;XDG_CONFIG_HOME=${PROJECT_BINARY_DIR}/tests/config")
endfunction()
