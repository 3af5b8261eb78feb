package ai.llmd.epp.adapter.admin;

import org.jspecify.annotations.Nullable;

/** Writes JSON (RFC 8259) in the order of the calls. One thread. */
final class JsonWriter {

  private final StringBuilder out = new StringBuilder(1024);
  private boolean isFirst = true;

  JsonWriter beginObject() {
    return open('{');
  }

  JsonWriter endObject() {
    return close('}');
  }

  JsonWriter beginArray() {
    return open('[');
  }

  JsonWriter endArray() {
    return close(']');
  }

  /** A member's name; its value follows. */
  JsonWriter name(String name) {
    separate();
    quote(name);
    out.append(':');
    isFirst = true;
    return this;
  }

  JsonWriter value(@Nullable String text) {
    separate();
    if (text == null) {
      out.append("null");
    } else {
      quote(text);
    }
    return this;
  }

  JsonWriter value(long number) {
    separate();
    out.append(number);
    return this;
  }

  /** Null for what JSON cannot express: NaN and the infinities. */
  JsonWriter value(double number) {
    separate();
    if (Double.isFinite(number)) {
      out.append(number);
    } else {
      out.append("null");
    }
    return this;
  }

  JsonWriter value(boolean claim) {
    separate();
    out.append(claim);
    return this;
  }

  JsonWriter member(String name, @Nullable String text) {
    return name(name).value(text);
  }

  JsonWriter member(String name, long number) {
    return name(name).value(number);
  }

  JsonWriter member(String name, boolean claim) {
    return name(name).value(claim);
  }

  JsonWriter member(String name, double number) {
    return name(name).value(number);
  }

  @Override
  public String toString() {
    return out.toString();
  }

  private JsonWriter open(char bracket) {
    separate();
    out.append(bracket);
    isFirst = true;
    return this;
  }

  private JsonWriter close(char bracket) {
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
