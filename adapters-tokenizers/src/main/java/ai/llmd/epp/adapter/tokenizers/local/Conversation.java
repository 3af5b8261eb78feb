package ai.llmd.epp.adapter.tokenizers.local;

import ai.llmd.epp.adapter.tokenizers.jinja.None;
import ai.llmd.epp.domain.calls.WithoutResultException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The messages of a chat completion as vLLM hands them to a chat template: what is not known there
 * is left out, arguments of calls are objects, members have vLLM's order. Media are refused.
 */
final class Conversation {

  private static final Set<String> TEXTS =
      Set.of("text", "input_text", "output_text", "refusal", "thinking");
  private static final Set<String> SKIPPED_WITHOUT_TEXT = Set.of("text", "refusal");
  private static final String BILLING = "x-anthropic-billing-header";

  private final boolean wantsParts;

  private Conversation(boolean wantsParts) {
    this.wantsParts = wantsParts;
  }

  /**
   * The messages.
   *
   * @param wantsParts whether the template takes content as a list of parts
   * @param knowsDeveloper whether the template has a role {@code developer}; otherwise such
   *     messages are the system's
   * @throws WithoutResultException if they have what cannot be rendered here
   */
  static List<Object> messages(Object given, boolean wantsParts, boolean knowsDeveloper) {
    if (!(given instanceof List<?> list) || list.isEmpty()) {
      throw unreadable();
    }
    Conversation conversation = new Conversation(wantsParts);
    List<Object> messages = new ArrayList<>();
    boolean hasDeveloper = false;
    for (Object each : list) {
      Map<String, Object> message = conversation.message(JsonValues.object(each));
      if ("developer".equals(message.get("role")) && !knowsDeveloper) {
        hasDeveloper = true;
        message.put("role", "system");
        message.remove("tools");
      }
      messages.add(message);
    }
    return hasDeveloper ? withOneSystemMessage(messages) : messages;
  }

  private Map<String, Object> message(Map<String, Object> given) {
    if (!(given.get("role") instanceof String role)) {
      throw unreadable();
    }
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("role", role);
    List<String> texts = texts(given.getOrDefault("content", None.NONE), role.equals("system"));
    boolean isJoined = !wantsParts || role.equals("tool");
    message.put("content", isJoined ? String.join("\n", texts) : parts(texts));
    if (role.equals("assistant")) {
      addCalls(given.getOrDefault("tool_calls", None.NONE), message);
      Object reasoning = given.getOrDefault("reasoning", None.NONE);
      if (reasoning instanceof None) {
        reasoning = given.getOrDefault("reasoning_content", None.NONE);
      }
      if (reasoning instanceof String) {
        message.put("reasoning", reasoning);
        message.put("reasoning_content", reasoning);
      }
    } else if (role.equals("tool") && given.containsKey("tool_call_id")) {
      message.put("tool_call_id", given.get("tool_call_id"));
    }
    if (given.get("name") instanceof String name) {
      message.put("name", name);
    }
    if (given.get("task") instanceof String task) {
      message.put("task", task);
    }
    if (role.equals("developer")) {
      if (!(given.getOrDefault("tools", None.NONE) instanceof None)) {
        throw unreadable();
      }
      message.put("tools", None.NONE);
    }
    return message;
  }

  private static List<Object> parts(List<String> texts) {
    List<Object> parts = new ArrayList<>();
    for (String text : texts) {
      parts.add(part(text));
    }
    return parts;
  }

  private static Map<String, Object> part(String text) {
    Map<String, Object> part = new LinkedHashMap<>();
    part.put("type", "text");
    part.put("text", text);
    return part;
  }

  private static List<String> texts(Object content, boolean isSystem) {
    List<String> texts = new ArrayList<>();
    switch (content) {
      case None none -> {}
      case String text -> add(text, isSystem, texts);
      case List<?> parts -> parts.forEach(part -> addPart(part, isSystem, texts));
      default -> throw unreadable();
    }
    return texts;
  }

  private static void addPart(Object given, boolean isSystem, List<String> texts) {
    if (given instanceof String text) {
      add(text, isSystem, texts);
      return;
    }
    Map<String, Object> part = JsonValues.object(given);
    if (!(part.get("type") instanceof String type)
        || !TEXTS.contains(type)
        || !(part.getOrDefault("uuid", None.NONE) instanceof None)) {
      throw new WithoutResultException("cannot render media by itself");
    }
    boolean isNamed = type.equals("thinking") || type.equals("refusal");
    Object text = part.getOrDefault(isNamed ? type : "text", None.NONE);
    if (text instanceof None && SKIPPED_WITHOUT_TEXT.contains(type)) {
      return;
    }
    if (!(text instanceof String content)) {
      throw unreadable();
    }
    add(content, isSystem && type.equals("text"), texts);
  }

  /** Of a system text goes the line that differs with every request of some clients. */
  private static void add(String text, boolean isSystem, List<String> texts) {
    if (!isSystem || !text.startsWith(BILLING)) {
      texts.add(text);
      return;
    }
    int end = text.indexOf('\n');
    if (end >= 0 && end + 1 < text.length()) {
      texts.add(text.substring(end + 1));
    }
  }

  private static void addCalls(Object given, Map<String, Object> message) {
    if (!(given instanceof List<?> calls) || calls.isEmpty()) {
      return;
    }
    List<Object> read = new ArrayList<>();
    for (Object each : calls) {
      Map<String, Object> call = JsonValues.object(each);
      Map<String, Object> function = JsonValues.object(call.getOrDefault("function", None.NONE));
      if (!"function".equals(call.getOrDefault("type", "function"))) {
        throw unreadable();
      }
      Map<String, Object> named = new LinkedHashMap<>();
      named.put("arguments", arguments(function.getOrDefault("arguments", None.NONE)));
      copy(function, "name", named);
      Map<String, Object> ordered = new LinkedHashMap<>();
      copy(call, "id", ordered);
      ordered.put("function", named);
      copy(call, "type", ordered);
      read.add(ordered);
    }
    message.put("tool_calls", read);
  }

  private static void copy(Map<String, Object> from, String key, Map<String, Object> to) {
    Object value = from.get(key);
    if (value != null) {
      to.put(key, value);
    }
  }

  /** As an object; whatever is none is an empty one. */
  private static Object arguments(Object given) {
    Object arguments = given;
    if (given instanceof String text) {
      try {
        arguments = JsonValues.read(text.getBytes(StandardCharsets.UTF_8));
      } catch (WithoutResultException e) {
        return Map.of();
      }
    }
    return arguments instanceof Map<?, ?> ? arguments : Map.of();
  }

  /** All system messages as one, in front. */
  private static List<Object> withOneSystemMessage(List<Object> messages) {
    List<String> system = new ArrayList<>();
    List<Object> others = new ArrayList<>();
    boolean isNeeded = false;
    for (int i = 0; i < messages.size(); i++) {
      Map<String, Object> message = JsonValues.object(messages.get(i));
      if (!"system".equals(message.get("role"))) {
        others.add(message);
        continue;
      }
      isNeeded |= i > 0;
      String text = String.join("\n", texts(message.getOrDefault("content", None.NONE), false));
      if (!text.isEmpty()) {
        system.add(text);
      }
    }
    if (!isNeeded) {
      return messages;
    }
    Map<String, Object> merged = new LinkedHashMap<>();
    merged.put("role", "system");
    merged.put("content", String.join("\n\n", system));
    others.addFirst(merged);
    return others;
  }

  /**
   * The tools of a request as vLLM writes them; None when there are none.
   *
   * @throws WithoutResultException if one is none that a model could call
   */
  static Object tools(Object given) {
    if (given instanceof None) {
      return given;
    }
    if (!(given instanceof List<?> list)) {
      throw unreadable();
    }
    List<Object> tools = new ArrayList<>();
    for (Object each : list) {
      Map<String, Object> tool = JsonValues.object(each);
      Map<String, Object> function = JsonValues.object(tool.getOrDefault("function", None.NONE));
      Object deferred = tool.getOrDefault("defer_loading", None.NONE);
      Map<String, Object> declared = new LinkedHashMap<>();
      declared.put("name", function.getOrDefault("name", None.NONE));
      declared.put("description", function.getOrDefault("description", None.NONE));
      declared.put("parameters", function.getOrDefault("parameters", None.NONE));
      putIfThere("strict", function.getOrDefault("strict", None.NONE), declared);
      Object own = function.getOrDefault("defer_loading", None.NONE);
      putIfThere("defer_loading", own instanceof None ? deferred : own, declared);
      Map<String, Object> ordered = new LinkedHashMap<>();
      ordered.put("type", "function");
      ordered.put("function", declared);
      putIfThere("defer_loading", deferred, ordered);
      tools.add(ordered);
    }
    return tools;
  }

  private static void putIfThere(String key, Object value, Map<String, Object> to) {
    if (!(value instanceof None)) {
      to.put(key, value);
    }
  }

  private static WithoutResultException unreadable() {
    return new WithoutResultException("cannot render this request by itself");
  }
}
