package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.domain.catalogue.Named;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the parser of a request by its path: the longest claimed suffix wins, of equally long ones
 * the first configured, and a parser that claims nothing takes the rest. A path that is not surely
 * the parser's is a guess. Immutable; any thread.
 */
public final class ParserRegistry {

  private static final Logger log = LoggerFactory.getLogger(ParserRegistry.class);

  private final List<Claim> claims;
  private final @Nullable ParserChoice fallback;

  private ParserRegistry(List<Claim> claims, @Nullable Named<RequestParser> fallback) {
    this.claims = claims.stream().map(claim -> claim.withFallback(fallback)).toList();
    this.fallback = fallback == null ? null : new ParserChoice(fallback, false, null);
  }

  /**
   * Registers parsers in the order of the configuration. A second parser of a type and everything
   * behind the fallback can never be chosen: they are left out, with a warning.
   */
  public static ParserRegistry of(List<Named<RequestParser>> configured) {
    List<Claim> claims = new ArrayList<>();
    Set<String> types = new HashSet<>();
    Named<RequestParser> fallback = null;
    for (Named<RequestParser> parser : configured) {
      if (fallback != null) {
        warn("parser is configured behind the fallback and ignored", parser);
      } else if (!types.add(parser.type())) {
        warn("parser of a type that is already configured is ignored", parser);
      } else {
        List<String> suffixes = parser.plugin().pathSuffixes();
        suffixes.forEach(suffix -> claims.add(Claim.of(suffix, parser)));
        fallback = suffixes.isEmpty() ? parser : null;
      }
    }
    return new ParserRegistry(claims, fallback);
  }

  private static void warn(String message, Named<RequestParser> parser) {
    log.atWarn().addKeyValue("parser", parser).log(message);
  }

  /** The parser of a path; null when none claims it and there is no fallback. */
  public @Nullable ParserChoice find(String path) {
    String trimmed = PathSuffix.trimmed(path);
    Claim longest = null;
    for (Claim claim : claims) {
      if (trimmed.endsWith(claim.suffix) && (longest == null || claim.isLongerThan(longest))) {
        longest = claim;
      }
    }
    return longest == null ? fallback : longest.choice(trimmed);
  }

  /**
   * @param suffix without slashes around
   * @param certain the choice for paths that are surely the parser's
   * @param guess the choice for others
   */
  private record Claim(String suffix, ParserChoice certain, ParserChoice guess) {

    static Claim of(String suffix, Named<RequestParser> parser) {
      String trimmed = suffix.strip();
      int from = trimmed.startsWith("/") ? 1 : 0;
      int to = trimmed.length() - (trimmed.length() > from && trimmed.endsWith("/") ? 1 : 0);
      ParserChoice certain = new ParserChoice(parser, false, null);
      return new Claim(trimmed.substring(from, to), certain, certain).withFallback(null);
    }

    Claim withFallback(@Nullable Named<RequestParser> fallback) {
      return new Claim(suffix, certain, new ParserChoice(certain.parser(), true, fallback));
    }

    ParserChoice choice(String trimmed) {
      return isCertain(trimmed) ? certain : guess;
    }

    private boolean isCertain(String trimmed) {
      RequestParser plugin = certain.parser().plugin();
      if (plugin.ownsEveryPackage()) {
        return PathSuffix.matchesService(trimmed, suffix);
      }
      return plugin.ownsEveryPrefix()
          ? PathSuffix.matchesSegments(trimmed, suffix)
          : PathSuffix.isCertain(trimmed, suffix);
    }

    boolean isLongerThan(Claim other) {
      return suffix.length() > other.suffix.length();
    }
  }
}
