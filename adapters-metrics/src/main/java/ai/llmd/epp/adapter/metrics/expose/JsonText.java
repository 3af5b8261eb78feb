package ai.llmd.epp.adapter.metrics.expose;

import org.jspecify.annotations.Nullable;

/** Writes JSON (RFC 8259) in the order in which it is told. One thread. */
final class JsonText {

  private final StringBuilder out = new StringBuilder(1024);
  private boolean isFirst = true;

  JsonText beginObject() {
    return open('{');
  }

  JsonText endObject() {
    return close('}');
  }

  JsonText beginArray() {
    return open('[');
  }

  JsonText endArray() {
    return close(']');
  }

  /** A member's name; its value follows. */
  JsonText name(String name) {
    separate();
    quote(name);
    out.append(':');
    isFirst = true;
    return this;
  }

  JsonText value(@Nullable String text) {
    separate();
    if (text == null) {
      out.append("null");
    } else {
      quote(text);
    }
    return this;
  }

  JsonText value(long number) {
    separate();
    out.append(number);
    return this;
  }

  /** Null for what JSON cannot say: NaN and the infinities. */
  JsonText value(double number) {
    separate();
    if (Double.isFinite(number)) {
      out.append(number);
    } else {
      out.append("null");
    }
    return this;
  }

  JsonText value(boolean claim) {
    separate();
    out.append(claim);
    return this;
  }

  JsonText member(String name, @Nullable String text) {
    return name(name).value(text);
  }

  JsonText member(String name, long number) {
    return name(name).value(number);
  }

  JsonText member(String name, boolean claim) {
    return name(name).value(claim);
  }

  JsonText member(String name, double number) {
    return name(name).value(number);
  }

  @Override
  public String toString() {
    return out.toString();
  }

  private JsonText open(char bracket) {
    separate();
    out.append(bracket);
    isFirst = true;
    return this;
  }

  private JsonText close(char bracket) {
    out.append(bracket);
    isFirst = false;
    return this;
  }

  private void separate() {
    if (!isFirst) {
      out.append(',');
    }
    isFirst = false;
  }

  private void quote(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        out.append("\\u%04x".formatted((int) c)); // half a pair must not break the encoding
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
