package ai.llmd.epp.simulator.openai;

import ai.llmd.epp.simulator.text.TokenList;
import ai.llmd.epp.simulator.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads prompts in all their shapes and tokenizes them.
 *
 * <p>A chat becomes {@code <start>role content<end>} per message and the start of the assistant's
 * answer at its end. So the tokens of one turn and of its answer are a prefix of the next turn's.
 */
final class PromptReader {

  private static final int START = Tokenizer.marker("<|im_start|>");
  private static final int END = Tokenizer.marker("<|im_end|>");

  private PromptReader() {}

  /** {@code messages}: an array of objects with a role and a content. */
  static List<TokenPrompt> chat(JsonParser parser) {
    Fields.require(parser.currentToken() == JsonToken.START_ARRAY, "messages", "an array");
    TokenList tokens = new TokenList();
    String last = "";
    boolean empty = true;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      last = message(parser, tokens);
      empty = false;
    }
    Fields.require(!empty, "messages", "an array of at least one message");
    tokens.add(START);
    Tokenizer.tokenize("assistant\n", tokens);
    return List.of(new TokenPrompt(tokens.toArray(), last));
  }

  /** {@code prompt}: a text, texts, token ids, or arrays of token ids. */
  static List<TokenPrompt> prompts(JsonParser parser) {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return List.of(text(parser));
    }
    Fields.require(
        parser.currentToken() == JsonToken.START_ARRAY, "prompt", "a string or an array");
    List<TokenPrompt> prompts = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      switch (parser.currentToken()) {
        case VALUE_STRING -> prompts.add(text(parser));
        case START_ARRAY -> {
          parser.nextToken();
          prompts.add(restOfTokenIds(parser));
        }
        case VALUE_NUMBER_INT -> {
          Fields.require(prompts.isEmpty(), "prompt", "all numbers or none");
          return List.of(restOfTokenIds(parser));
        }
        default -> Fields.require(false, "prompt", "made of strings, numbers or arrays of numbers");
      }
      Fields.require(prompts.size() <= CompletionRequest.MAX_ANSWERS, "prompt", "a shorter array");
    }
    return prompts;
  }

  /** {@code token_ids}: one prompt. */
  static List<TokenPrompt> tokenIds(JsonParser parser) {
    Fields.require(parser.currentToken() == JsonToken.START_ARRAY, "token_ids", "an array");
    parser.nextToken();
    return List.of(restOfTokenIds(parser));
  }

  private static TokenPrompt text(JsonParser parser) {
    String text = parser.getString();
    TokenList tokens = new TokenList();
    Tokenizer.tokenize(text, tokens);
    return new TokenPrompt(tokens.toArray(), text);
  }

  /** The parser stands on the first id or on the end of the array. */
  private static TokenPrompt restOfTokenIds(JsonParser parser) {
    TokenList tokens = new TokenList();
    StringBuilder echo = new StringBuilder();
    while (parser.currentToken() != JsonToken.END_ARRAY) {
      Fields.require(
          parser.currentToken() == JsonToken.VALUE_NUMBER_INT, "a token id", "a whole number");
      long id = parser.getLongValue();
      Fields.require(id >= 0 && id <= 0xFFFF_FFFFL, "a token id", "within 32 bits");
      tokens.add((int) id);
      echo.append(echo.isEmpty() ? "" : ",").append(id);
      parser.nextToken();
    }
    return new TokenPrompt(tokens.toArray(), echo.toString());
  }

  /** Adds one message and returns its text. */
  private static String message(JsonParser parser, TokenList tokens) {
    StringBuilder text = new StringBuilder();
    TokenList content = new TokenList();
    TokenList role = new TokenList();
    Fields.each(
        parser,
        "each of messages",
        field -> {
          switch (field) {
            case "role" -> Tokenizer.tokenize(Fields.text(parser, field) + "\n", role);
            case "content" -> content(parser, content, text);
            default -> parser.skipChildren();
          }
        });
    Fields.require(role.size() > 0, "role", "present in every message");
    tokens.add(START);
    tokens.addAll(role);
    tokens.addAll(content);
    tokens.add(END);
    return text.toString();
  }

  /** A string, or an array of parts of which the texts count. */
  private static void content(JsonParser parser, TokenList tokens, StringBuilder text) {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      append(parser.getString(), tokens, text);
      return;
    }
    Fields.require(
        parser.currentToken() == JsonToken.START_ARRAY, "content", "a string or an array");
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      Fields.each(
          parser,
          "each part of a content",
          field -> {
            if (field.equals("text")) {
              append(Fields.text(parser, field), tokens, text);
            } else {
              parser.skipChildren();
            }
          });
    }
  }

  private static void append(String part, TokenList tokens, StringBuilder text) {
    Tokenizer.tokenize(part, tokens);
    text.append(part);
  }
}
