# What `cmake --install` puts where. The desktop finds everything by the application's id.
include(GNUInstallDirs)
set(condensate_id org.condensate.Condensate)

install(TARGETS condensate RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS condensate_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}/../libexec/condensate) # where the launcher looks for it
# For other programs: the library that reads packed networks, its header, and what pkg-config says of them.
install(TARGETS condensate_decode LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} PUBLIC_HEADER DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
configure_file(packaging/condensate-decode.pc.in condensate-decode.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/condensate-decode.pc" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES packaging/man/condensate.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(DIRECTORY resources/recipes DESTINATION ${CMAKE_INSTALL_DATADIR}/condensate)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

if(CONDENSATE_GUI)
    install(FILES packaging/${condensate_id}.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications)
    install(FILES packaging/${condensate_id}.metainfo.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/metainfo)
    install(FILES packaging/${condensate_id}.mime.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/mime/packages
            RENAME ${condensate_id}.xml)
    install(FILES resources/icons/condensate.svg DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps
            RENAME ${condensate_id}.svg)
endif()
