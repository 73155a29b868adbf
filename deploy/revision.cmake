# Writes OUT with the revision of SOURCE, at each build and only on change: a revision taken when the build folder was
# configured would soon be a wrong one.
find_program(git NAMES git)
set(revision "unknown")
if(git AND EXISTS ${SOURCE}/.git)
  execute_process(COMMAND ${git} -C ${SOURCE} describe --always --dirty --abbrev=12 --match=v*
    OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    set(revision ${described})
  endif()
endif()
set(line "#define PROACTIVE_REVISION \"${revision}\"\n")
set(before "")
if(EXISTS ${OUT})
  file(READ ${OUT} before)
endif()
if(NOT line STREQUAL before)
  file(WRITE ${OUT} ${line})
endif()
