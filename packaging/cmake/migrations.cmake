# voelgoed_migrations(TARGET SLICE): embeds migrations/NNNN_name.sql of the current folder into TARGET as
#
#     namespace voelgoed::SLICE { std::vector<pg::Migration> migrations(); }
#
# which the slice declares in a header of its own. Numbers begin at 0001 and have no gaps; a file that has been released
# is never changed (pg::migrate refuses it).
function(voelgoed_migrations target slice)
    file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/migrations/*.sql)
    list(SORT files)
    set(out ${CMAKE_CURRENT_BINARY_DIR}/${slice}_migrations.cpp)
    set(embed ${PROJECT_SOURCE_DIR}/packaging/cmake/embed_migrations.cmake)
    add_custom_command(OUTPUT ${out}
        COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DSLICE=${slice} "-DFILES=${files}" -P ${embed}
        DEPENDS ${files} ${embed}
        COMMENT "Embedding the migrations of ${slice}"
        VERBATIM)
    target_sources(${target} PRIVATE ${out})
endfunction()
