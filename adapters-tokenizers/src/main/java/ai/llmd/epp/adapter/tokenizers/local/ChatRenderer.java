package ai.llmd.epp.adapter.tokenizers.local;

import ai.llmd.epp.adapter.tokenizers.jinja.None;
import ai.llmd.epp.adapter.tokenizers.jinja.Template;
import ai.llmd.epp.adapter.tokenizers.jinja.TemplateException;
import ai.llmd.epp.domain.calls.WithoutResultException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Renders chat completions by a model's templates, as vLLM does. Any thread. */
final class ChatRenderer {

  private static final String OPENAI = "openai";
  private static final String STRING = "string";
  private static final String CONTINUED = "CONTINUE_FINAL_MESSAGE_TAG ";
  private static final Set<String> RESERVED =
      Set.of("chat_template", "tokenize", "conversation", "messages", "tools");

  private final ModelFiles files;
  private final String contentFormat;

  /**
   * @param contentFormat {@code string}, {@code openai}, or anything else to go by the template
   * @throws IllegalArgumentException if the template cannot render a short conversation
   */
  ChatRenderer(ModelFiles files, String contentFormat) {
    this.files = files;
    this.contentFormat = contentFormat;
    if (isThere()) {
      try {
        render(Map.of("messages", List.of(Map.of("role", "user", "content", "probe"))));
      } catch (WithoutResultException e) {
        throw new IllegalArgumentException(
            "the chat template cannot render a short conversation: it " + e.reason(), e);
      }
    }
  }

  /** Whether the model has a chat template. */
  boolean isThere() {
    return files.templates().containsKey(ModelFiles.DEFAULT);
  }

  /**
   * The prompt of a request.
   *
   * @throws WithoutResultException if it has what cannot be rendered here
   */
  String render(Map<String, Object> body) {
    refuse(body);
    Object tools = Conversation.tools(body.getOrDefault("tools", None.NONE));
    Template template = template(!(tools instanceof None));
    boolean wantsParts =
        contentFormat.equals(OPENAI)
            || (!contentFormat.equals(STRING) && template.hasContentLoop());
    List<Object> messages =
        Conversation.messages(
            body.getOrDefault("messages", None.NONE), wantsParts, template.mentions("developer"));
    Map<String, Object> variables = new HashMap<>(files.specialTokens());
    addArguments(body, variables);
    variables.put("tools", tools);
    variables.put("documents", body.getOrDefault("documents", None.NONE));
    boolean isContinued = Boolean.TRUE.equals(body.get("continue_final_message"));
    variables.put("messages", isContinued ? marked(messages) : messages);
    try {
      String rendered = template.render(variables);
      return isContinued ? cut(rendered) : rendered;
    } catch (TemplateException e) {
      throw new WithoutResultException("cannot render this request: " + e.getMessage());
    }
  }

  private static void refuse(Map<String, Object> body) {
    if (!isAbsent(body, "chat_template")) {
      throw new WithoutResultException("does not render templates of clients");
    }
    if (!isAbsent(body, "truncate_prompt_tokens") || !isAbsent(body, "mm_processor_kwargs")) {
      throw new WithoutResultException("cannot render this request by itself");
    }
  }

  private static boolean isAbsent(Map<String, Object> body, String key) {
    return body.getOrDefault(key, None.NONE) instanceof None;
  }

  private Template template(boolean hasTools) {
    Template withTools = hasTools ? files.templates().get(ModelFiles.WITH_TOOLS) : null;
    return withTools == null
        ? Objects.requireNonNull(files.templates().get(ModelFiles.DEFAULT))
        : withTools;
  }

  private static void addArguments(Map<String, Object> body, Map<String, Object> variables) {
    Object given = body.getOrDefault("chat_template_kwargs", None.NONE);
    Map<String, Object> arguments = given instanceof None ? Map.of() : JsonValues.object(given);
    if (arguments.keySet().stream().anyMatch(RESERVED::contains)) {
      throw new WithoutResultException("cannot render this request by itself");
    }
    variables.putAll(arguments);
    Object effort = body.getOrDefault("reasoning_effort", None.NONE);
    if (!(effort instanceof None)) {
      variables.put("reasoning_effort", effort);
      if (!arguments.containsKey("enable_thinking")) {
        variables.put("enable_thinking", !effort.equals("none"));
      }
    }
    Object prompted = body.getOrDefault("add_generation_prompt", None.NONE);
    variables.put("add_generation_prompt", prompted instanceof None ? true : prompted);
  }

  /** The messages, with a mark where the last one ends. */
  private static List<Object> marked(List<Object> messages) {
    Map<String, Object> last = new LinkedHashMap<>(JsonValues.object(messages.getLast()));
    Object content = last.get("content");
    if (content instanceof String text) {
      last.put("content", text + CONTINUED);
    } else if (content instanceof List<?> parts && !parts.isEmpty()) {
      Map<String, Object> part = new LinkedHashMap<>(JsonValues.object(parts.getLast()));
      part.put("text", part.get("text") + CONTINUED);
      List<Object> others = new ArrayList<>(parts);
      others.set(others.size() - 1, part);
      last.put("content", others);
    } else {
      throw new WithoutResultException("cannot render this request by itself");
    }
    List<Object> marked = new ArrayList<>(messages);
    marked.set(marked.size() - 1, last);
    return marked;
  }

  private static String cut(String rendered) {
    int end = rendered.lastIndexOf(CONTINUED.strip());
    if (end < 0) {
      throw new WithoutResultException("cannot render this request by itself");
    }
    String before = rendered.substring(0, end);
    return rendered.startsWith(CONTINUED, end) ? before : before.stripTrailing();
  }
}
