# cmake -DOUT=… -DFOLDER=… -P embed.cmake: report/template.html, report.css and report.js with panels/*.js as C++ texts.
# A text is cut into short raw literals: a compiler need not take one of more than 65,536 characters.
function(as_literal out text)
  string(LENGTH "${text}" length)
  set(literal "")
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${text}" ${at} 8000 piece)
    string(APPEND literal "R\"~report~(${piece})~report~\",\n")
    math(EXPR at "${at} + 8000")
  endwhile()
  set(${out} "${literal}" PARENT_SCOPE)
endfunction()

file(READ ${FOLDER}/template.html template)
file(READ ${FOLDER}/report.css style)
file(READ ${FOLDER}/report.js script)
file(GLOB panels ${FOLDER}/panels/*.js)
list(SORT panels)
foreach(panel IN LISTS panels)
  file(READ ${panel} text)
  string(APPEND script "${text}")
endforeach()
string(APPEND script "showReport();\n")
as_literal(template_literal "${template}")
as_literal(style_literal "${style}")
as_literal(script_literal "${script}")
file(WRITE ${OUT} "#include \"analysis/report/report_template.hpp\"

#include <initializer_list>

namespace hullscan {
namespace {

std::string joined(std::initializer_list<const char*> pieces) {
  std::string text;
  for (const char* piece : pieces) text += piece;
  return text;
}

}  // namespace

const std::string& report_template() {
  static const std::string kText = joined({${template_literal}});
  return kText;
}

const std::string& report_style() {
  static const std::string kText = joined({${style_literal}});
  return kText;
}

const std::string& report_script() {
  static const std::string kText = joined({${script_literal}});
  return kText;
}

}  // namespace hullscan
")
