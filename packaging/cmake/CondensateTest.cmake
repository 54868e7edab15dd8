# What libraries without the thread sanitizer do among themselves it cannot judge. QProcess uses vfork, whose child
# shares the memory in which the sanitizer notes that it was forked; by default it then ends the parent.
set(CONDENSATE_SANITIZER_OPTIONS TSAN_OPTIONS=ignore_noninstrumented_modules=1:die_after_fork=0)

# condensate_test(tst_codebook LINK condensate_core ...): one executable and one ctest entry per file.
# Called from tests/<folder>/CMakeLists.txt. TORCH: the test itself includes torch. GUI: with Qt Widgets. THREADED:
# threads of its own or processes keep more than one processor busy, and what it waits for comes late on a busy
# machine; ctest counts it as two.
function(condensate_test name)
    cmake_parse_arguments(arg "TORCH;GUI;THREADED" "TIMEOUT" "LINK" ${ARGN})
    # moc by itself: AUTOMOC runs CMake and compiles a source more, a second and a half for each test.
    add_custom_command(OUTPUT ${name}.moc COMMAND Qt6::moc "${CMAKE_CURRENT_SOURCE_DIR}/${name}.cpp" -o ${name}.moc
                       DEPENDS ${name}.cpp COMMENT "moc ${name}.cpp" VERBATIM)
    add_executable(${name} ${name}.cpp ${name}.moc)
    target_include_directories(${name} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}")
    set_target_properties(${name} PROPERTIES AUTOMOC OFF RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
    target_link_libraries(${name} PRIVATE condensate_options condensate_warnings ${arg_LINK} Qt6::Test $<$<BOOL:${arg_GUI}>:Qt6::Widgets>)
    target_compile_options(${name} PRIVATE -fPIC) # as the precompiled headers
    target_compile_definitions(${name} PRIVATE TEST_SOURCE_DIR="${PROJECT_SOURCE_DIR}/tests"
                               CONDENSATE_PROGRAM="$<TARGET_FILE:condensate>")
    if(arg_TORCH)
        target_compile_definitions(${name} PRIVATE QT_NO_KEYWORDS)
        condensate_uses_torch(${name})
    else()
        condensate_precompiled_qt(${name} "${arg_GUI}")
    endif()
    add_test(NAME ${name} COMMAND ${name})
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 300)
    endif()
    if(CONDENSATE_SANITIZE)
        math(EXPR arg_TIMEOUT "3 * ${arg_TIMEOUT}")
    endif()
    if(arg_THREADED)
        set_tests_properties(${name} PROPERTIES PROCESSORS 2)
    endif()
    set(environment ${CONDENSATE_SANITIZER_OPTIONS} QT_QPA_PLATFORM=offscreen OPENBLAS_NUM_THREADS=1
        XDG_CONFIG_HOME=${PROJECT_BINARY_DIR}/tests/config
        CONDENSATE_RUNS=${PROJECT_BINARY_DIR}/tests/runs
        QTEST_FUNCTION_TIMEOUT=${arg_TIMEOUT}000) # QtTest's own, of all rows together, is 300 seconds
    set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} ENVIRONMENT "${environment}")
endfunction()

# condensate_known_leak(name library): what that library does not free is not held against this test; the caller says
# what it is. Nothing else is suppressed for the address sanitizer.
function(condensate_known_leak name library)
    set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT "LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/support/${library}.supp")
endfunction()

# A precompiled header of Qt's for this test, one for all tests of its folder and kind: QtTest's headers ask
# where a test is built and what it links. Saves some 2 to 4 seconds a test.
function(condensate_precompiled_qt name isGui)
    cmake_path(GET CMAKE_CURRENT_SOURCE_DIR FILENAME folder)
    if(isGui)
        set(pch condensate_${folder}_gui_pch)
    else()
        set(pch condensate_${folder}_pch)
    endif()
    if(NOT TARGET ${pch})
        file(GENERATE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/${pch}.cpp" CONTENT "// holds the precompiled header\n")
        add_library(${pch} STATIC "${CMAKE_CURRENT_BINARY_DIR}/${pch}.cpp")
        set_target_properties(${pch} PROPERTIES AUTOMOC OFF)
        target_link_libraries(${pch} PRIVATE condensate_options condensate_warnings Qt6::Test)
        target_precompile_headers(${pch} PRIVATE <QtTest>)
        if(isGui)
            target_link_libraries(${pch} PRIVATE Qt6::Widgets)
            target_precompile_headers(${pch} PRIVATE <QtWidgets>)
        endif()
    endif()
    target_precompile_headers(${name} REUSE_FROM ${pch})
endfunction()
