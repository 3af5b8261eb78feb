package ai.llmd.epp.adapter.tokenizers.jinja;

/** A template cannot be read, or not be rendered. The message holds nothing of what is rendered. */
public final class TemplateException extends RuntimeException {

  private static final long serialVersionUID = 1;

  TemplateException(String message) {
    super(message);
  }

  static TemplateException atLine(int line, String message) {
    return new TemplateException("line " + line + ": " + message);
  }
}
