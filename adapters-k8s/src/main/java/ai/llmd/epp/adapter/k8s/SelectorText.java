package ai.llmd.epp.adapter.k8s;

import ai.llmd.epp.adapter.k8s.LabelSelector.Compared;
import ai.llmd.epp.adapter.k8s.LabelSelector.Exists;
import ai.llmd.epp.adapter.k8s.LabelSelector.In;
import ai.llmd.epp.adapter.k8s.LabelSelector.NotIn;
import ai.llmd.epp.adapter.k8s.LabelSelector.Term;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Reads the text form of a label selector, left to right. Used once. */
final class SelectorText {

  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");
  private static final String DNS_LABEL = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?";
  private static final Pattern PREFIX =
      Pattern.compile("(?=.{1,253}$)" + DNS_LABEL + "(?:\\." + DNS_LABEL + ")*");
  private static final String ENDS_WORD = ",()=!<> \t\r\n";

  private final String text;
  private int at;

  SelectorText(String text) {
    this.text = text;
  }

  List<Term> terms() {
    List<Term> terms = new ArrayList<>();
    skipSpace();
    if (at == text.length()) {
      return terms;
    }
    terms.add(term());
    while (takes(",")) {
      terms.add(term());
    }
    if (at < text.length()) {
      throw wrong("\",\" or the end");
    }
    return terms;
  }

  private Term term() {
    if (takes("!")) {
      return new Exists(key(), false);
    }
    String key = key();
    if (takes("==") || takes("=")) {
      return new In(key, List.of(value()));
    }
    if (takes("!=")) {
      return new NotIn(key, List.of(value()));
    }
    if (takes(">")) {
      return new Compared(key, true, number());
    }
    if (takes("<")) {
      return new Compared(key, false, number());
    }
    if (takesWord("notin")) {
      return new NotIn(key, values());
    }
    return takesWord("in") ? new In(key, values()) : new Exists(key, true);
  }

  private String key() {
    skipSpace();
    int start = at;
    String key = word();
    int slash = key.indexOf('/');
    boolean hasPrefix = slash < 0 || PREFIX.matcher(key.substring(0, slash)).matches();
    if (!hasPrefix || !NAME.matcher(key.substring(slash + 1)).matches()) {
      at = start;
      throw wrong("a label's name");
    }
    return key;
  }

  private String value() {
    skipSpace();
    int start = at;
    String value = word();
    if (!value.isEmpty() && !NAME.matcher(value).matches()) {
      at = start;
      throw wrong("a label's value");
    }
    return value;
  }

  private long number() {
    skipSpace();
    int start = at;
    try {
      return Long.parseLong(word());
    } catch (NumberFormatException e) {
      at = start;
      throw wrong("a whole number");
    }
  }

  private List<String> values() {
    if (!takes("(")) {
      throw wrong("\"(\"");
    }
    List<String> values = new ArrayList<>(List.of(value()));
    while (takes(",")) {
      values.add(value());
    }
    if (!takes(")")) {
      throw wrong("\",\" or \")\"");
    }
    return values;
  }

  private String word() {
    int start = at;
    while (at < text.length() && ENDS_WORD.indexOf(text.charAt(at)) < 0) {
      at++;
    }
    return text.substring(start, at);
  }

  private boolean takes(String token) {
    skipSpace();
    if (!text.startsWith(token, at)) {
      return false;
    }
    at += token.length();
    return true;
  }

  private boolean takesWord(String expected) {
    skipSpace();
    int start = at;
    if (word().equals(expected)) {
      return true;
    }
    at = start;
    return false;
  }

  private void skipSpace() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private IllegalArgumentException wrong(String expected) {
    return new IllegalArgumentException(
        "expected " + expected + " at position " + (at + 1) + " of \"" + text + '"');
  }
}
