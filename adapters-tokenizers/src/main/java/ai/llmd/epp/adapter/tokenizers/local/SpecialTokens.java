package ai.llmd.epp.adapter.tokenizers.local;

import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The added tokens that a tokenizer finds in a text before it does anything else with it. Where
 * such a token begins, a text can be cut: its parts have the same tokens as the whole has there.
 *
 * <p>Not every added token will do. One that is looked for in normalized text is found later. One
 * that swallows white space to its left, or has to be a word of its own, depends on what stands
 * before; one that begins with white space may be swallowed by that before it.
 */
final class SpecialTokens {

  private final Map<Character, Node> roots;
  private final FirstCharacters firstCharacters;

  /** Tokens that begin alike. */
  private static final class Node {

    private final Map<Character, Node> next = new HashMap<>();
    private boolean isToken;
    private boolean isCut;
  }

  private record Added(
      String content, boolean isNormalized, boolean isSingleWord, boolean isLeftStripped) {

    private boolean isCut() {
      return !isSingleWord && !isLeftStripped && !Character.isWhitespace(content.charAt(0));
    }
  }

  private SpecialTokens(List<Added> tokens) {
    Node root = new Node();
    for (Added token : tokens) {
      if (token.isNormalized() || token.content().isEmpty()) {
        continue;
      }
      Node node = root;
      for (int i = 0; i < token.content().length(); i++) {
        node = node.next.computeIfAbsent(token.content().charAt(i), c -> new Node());
      }
      node.isToken = true;
      node.isCut = token.isCut();
    }
    this.roots = root.next;
    this.firstCharacters = new FirstCharacters(roots.keySet());
  }

  /** Those of a {@code tokenizer.json}. */
  static SpecialTokens of(byte[] tokenizer) {
    JsonScanner json = new JsonScanner(tokenizer, 0, tokenizer.length);
    List<Added> tokens = new ArrayList<>();
    if (json.kind() != JsonKind.OBJECT) {
      throw new IllegalArgumentException("must be a JSON object");
    }
    json.enter();
    while (json.nextMember()) {
      if (json.keyIs("added_tokens") && json.kind() == JsonKind.ARRAY) {
        json.enter();
        while (json.nextElement()) {
          if (json.kind() == JsonKind.OBJECT) {
            tokens.add(added(json));
          } else {
            json.skip();
          }
        }
      } else {
        json.skip();
      }
    }
    if (json.error() != null) {
      throw new IllegalArgumentException(json.error());
    }
    return new SpecialTokens(tokens);
  }

  private static Added added(JsonScanner json) {
    String content = "";
    boolean isNormalized = false;
    boolean isSingleWord = false;
    boolean isLeftStripped = false;
    json.enter();
    while (json.nextMember()) {
      boolean isTrue = json.kind() == JsonKind.TRUE;
      if (json.keyIs("content") && json.kind() == JsonKind.STRING) {
        content = json.text().content();
        continue;
      }
      if (json.keyIs("normalized")) {
        isNormalized = isTrue;
      } else if (json.keyIs("single_word")) {
        isSingleWord = isTrue;
      } else if (json.keyIs("lstrip")) {
        isLeftStripped = isTrue;
      }
      json.skip();
    }
    return new Added(content, isNormalized, isSingleWord, isLeftStripped);
  }

  /** The parts of a text: each begins with one of the tokens, but for the first. */
  List<String> split(String text) {
    FirstCharacters.Search search = firstCharacters.in(text);
    List<String> parts = new ArrayList<>();
    int start = 0;
    for (int i = search.from(0); i < text.length(); ) {
      int end = longest(text, i, Objects.requireNonNull(roots.get(text.charAt(i))));
      if (end > i && i > start && isCut(text, i, end)) {
        parts.add(text.substring(start, i));
        start = i;
      }
      i = search.from(Math.max(end, i + 1));
    }
    if (start < text.length()) {
      parts.add(text.substring(start));
    }
    return parts;
  }

  /** Where the longest token ends that begins at a place; the place itself if there is none. */
  private static int longest(String text, int start, Node first) {
    int end = start;
    Node node = first;
    for (int i = start + 1; ; i++) {
      if (node.isToken) {
        end = i;
      }
      Node next = i < text.length() ? node.next.get(text.charAt(i)) : null;
      if (next == null) {
        return end;
      }
      node = next;
    }
  }

  private boolean isCut(String text, int start, int end) {
    @Nullable Node node = roots.get(text.charAt(start));
    for (int i = start + 1; i < end && node != null; i++) {
      node = node.next.get(text.charAt(i));
    }
    return node != null && node.isCut;
  }
}
