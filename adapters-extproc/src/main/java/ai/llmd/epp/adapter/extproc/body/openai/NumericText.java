package ai.llmd.epp.adapter.extproc.body.openai;

import java.util.regex.Pattern;

/** Numbers that some servers report as strings. */
final class NumericText {

  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?(\\d{1,40}\\.?\\d{0,40}|\\.\\d{1,40})([eE][+-]?\\d{1,4})?");

  private NumericText() {}

  /** The number that a text is; 0 when it is none or too large for a double. */
  static double toDouble(String text) {
    if (!DECIMAL.matcher(text).matches()) {
      return 0;
    }
    double number = Double.parseDouble(text);
    return Double.isInfinite(number) ? 0 : number;
  }
}
