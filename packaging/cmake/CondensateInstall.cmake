include(GNUInstallDirs)
install(TARGETS condensate RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
