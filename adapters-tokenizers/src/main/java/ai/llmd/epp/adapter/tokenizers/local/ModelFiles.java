package ai.llmd.epp.adapter.tokenizers.local;

import ai.llmd.epp.adapter.tokenizers.jinja.Template;
import ai.llmd.epp.adapter.tokenizers.jinja.TemplateException;
import ai.llmd.epp.domain.calls.WithoutResultException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * A model's files: its tokenizer, and beside it what chats are rendered with.
 *
 * @param tokenizer path of {@code tokenizer.json}
 * @param specialTokens by the names under which templates find them, such as {@code bos_token}
 * @param templates by their names; that without one is {@value #DEFAULT}
 */
record ModelFiles(
    Path tokenizer, Map<String, Object> specialTokens, Map<String, Template> templates) {

  static final String DEFAULT = "default";
  static final String WITH_TOOLS = "tool_use";

  private static final String TEMPLATE = "chat_template";
  private static final List<String> SPECIAL_TOKENS =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");
  private static final long MAX_BYTES = 64L << 20;

  /**
   * Finds and reads them, but for the tokenizer.
   *
   * @param tokenizer path of the tokenizer, or of the folder that has it
   * @param chatTemplate path of the template; empty for what stands beside the tokenizer
   * @param now the time, where a template asks for it
   * @throws IllegalArgumentException if one cannot be read, or a template has what is not known
   */
  static ModelFiles find(String tokenizer, String chatTemplate, Supplier<LocalDateTime> now) {
    Path named = Path.of(tokenizer);
    Path file = Files.isDirectory(named) ? named.resolve("tokenizer.json") : named;
    Path settings = file.resolveSibling("tokenizer_config.json");
    Map<String, Object> config = Files.exists(settings) ? json(settings) : Map.of();
    return new ModelFiles(
        file, specialTokens(config), templates(file, config, settings, chatTemplate, now));
  }

  private static Map<String, Object> specialTokens(Map<String, Object> config) {
    Map<String, Object> tokens = new TreeMap<>();
    for (String name : SPECIAL_TOKENS) {
      Object token = config.get(name);
      if (token instanceof Map<?, ?> added) {
        token = added.get("content");
      }
      if (token instanceof String text) {
        tokens.put(name, text);
      }
    }
    return tokens;
  }

  private static Map<String, Template> templates(
      Path tokenizer,
      Map<String, Object> config,
      Path settings,
      String chatTemplate,
      Supplier<LocalDateTime> now) {
    if (!chatTemplate.isEmpty()) {
      Path named = Path.of(chatTemplate);
      return chatTemplate.endsWith(".json")
          ? templates(json(named), named, now)
          : Map.of(DEFAULT, template(text(named), named, now));
    }
    Path beside = tokenizer.resolveSibling("chat_template.jinja");
    if (Files.exists(beside)) {
      return Map.of(DEFAULT, template(text(beside), beside, now));
    }
    return config.containsKey(TEMPLATE) ? templates(config, settings, now) : Map.of();
  }

  /** One template, or a list of them with names. */
  private static Map<String, Template> templates(
      Map<String, Object> config, Path file, Supplier<LocalDateTime> now) {
    Map<String, Template> templates = new TreeMap<>();
    Object given = config.get(TEMPLATE);
    if (given instanceof String source) {
      templates.put(DEFAULT, template(source, file, now));
    } else if (given instanceof List<?> several) {
      for (Object each : several) {
        if (each instanceof Map<?, ?> one
            && one.get("name") instanceof String name
            && one.get("template") instanceof String source
            && (name.equals(DEFAULT) || name.equals(WITH_TOOLS))) {
          templates.put(name, template(source, file, now));
        }
      }
    }
    if (!templates.containsKey(DEFAULT)) {
      throw new IllegalArgumentException(file + " has no chat_template");
    }
    return templates;
  }

  private static Template template(String source, Path file, Supplier<LocalDateTime> now) {
    try {
      return Template.read(source, now);
    } catch (TemplateException e) {
      throw new IllegalArgumentException(
          "the chat template of " + file + " cannot be used: " + e.getMessage(), e);
    }
  }

  private static Map<String, Object> json(Path file) {
    try {
      return JsonValues.readObject(text(file).getBytes(StandardCharsets.UTF_8));
    } catch (WithoutResultException e) {
      throw new IllegalArgumentException(file + " is no JSON object", e);
    }
  }

  private static String text(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new IllegalArgumentException(file + " is larger than 64 MiB");
      }
      return Files.readString(file);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + file + ": " + e, e);
    }
  }
}
