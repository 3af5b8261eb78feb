package ai.llmd.epp.acceptance.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the sources of the checkout say about their types; javadoc is gone when a program runs. */
final class SourceDocs {

  private static final String COMMENT = "/\\*\\*((?:(?!\\*/).)*)\\*/\\s*(?:@\\w+\\S*\\s+)*";
  private static final Pattern PARAMETER = Pattern.compile("@param (\\w+) ([^@]*)");
  private static final Pattern TAG = Pattern.compile("\\{@\\w+ (?:\\w*#)?([^}]*)}");

  private static final Pattern CONSTANT =
      Pattern.compile("\\{@(?:value|link) (\\w*)#([A-Z][A-Z0-9_]+)}");

  private final Path checkout;

  SourceDocs(Path checkout) {
    this.checkout = checkout;
  }

  /** The first paragraph about a type; empty when there is none. */
  String about(Class<?> type) {
    return comment(type).split("<p>|@param", 2)[0].strip();
  }

  /** The descriptions of a record's components, by name. */
  Map<String, String> components(Class<?> type) {
    Map<String, String> described = new LinkedHashMap<>();
    PARAMETER
        .matcher(comment(type))
        .results()
        .forEach(match -> described.put(match.group(1), match.group(2).strip()));
    return described;
  }

  /** The first sentence about a type, without its full stop; empty when there is none. */
  String summary(Class<?> type) {
    return about(type).split("\\.(?: |$)", 2)[0];
  }

  /** The comment right before the declaration, on one line, with tags like {@code code} as code. */
  private String comment(Class<?> type) {
    String source = source(type);
    String declaration =
        COMMENT
            + "public (?:static )?(?:final |sealed )?(?:record|class|enum) "
            + type.getSimpleName()
            + "\\b";
    return Pattern.compile(declaration, Pattern.DOTALL)
        .matcher(source)
        .results()
        .map(match -> plain(match, source))
        .findFirst()
        .orElse("");
  }

  private String plain(MatchResult match, String source) {
    String text = match.group(1).replaceAll("(\\s*\\n\\s*\\*)+ ?", " ").replaceAll(" +", " ");
    String named =
        CONSTANT
            .matcher(text)
            .replaceAll(found -> constant(declaring(found.group(1), source), found.group(2)));
    return TAG.matcher(named).replaceAll("`$1`").strip();
  }

  /**
   * The source of the type that a source mentions, if it is one of ours and imported; or itself.
   */
  private String declaring(String type, String source) {
    return Pattern.compile("^import (ai\\.llmd\\.\\S+\\." + type + ");", Pattern.MULTILINE)
        .matcher(source)
        .results()
        .flatMap(imported -> find(imported.group(1)).stream())
        .map(SourceDocs::read)
        .findFirst()
        .orElse(source);
  }

  /** The value of a constant that is written as a literal; its name otherwise. */
  private static String constant(String source, String name) {
    return Pattern.compile("\\b" + name + " =\\s*\"?([^\";()]*)\"?;")
        .matcher(source)
        .results()
        .map(match -> Matcher.quoteReplacement('`' + match.group(1) + '`'))
        .findFirst()
        .orElse('`' + name + '`');
  }

  private String source(Class<?> type) {
    return read(file(type));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where a type is written, as a link from {@code docs/}. */
  String link(Class<?> type) {
    return "[%s](../%s)".formatted(type.getSimpleName(), checkout.relativize(file(type)));
  }

  /** Whether a type is part of the product, and not of some test. */
  boolean isShipped(Class<?> type) {
    return find(type).isPresent();
  }

  private Path file(Class<?> type) {
    return find(type).orElseThrow();
  }

  private Optional<Path> find(Class<?> type) {
    Class<?> outermost = type;
    while (outermost.getEnclosingClass() != null) {
      outermost = outermost.getEnclosingClass();
    }
    return find(outermost.getName());
  }

  private Optional<Path> find(String className) {
    String file = "src/main/java/" + className.replace('.', '/') + ".java";
    try (Stream<Path> modules = Files.list(checkout)) {
      return modules.map(module -> module.resolve(file)).filter(Files::exists).findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
