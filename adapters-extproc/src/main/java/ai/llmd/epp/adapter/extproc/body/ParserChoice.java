package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.application.parsing.ParseOutcome;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.domain.catalogue.Named;
import org.jspecify.annotations.Nullable;

/**
 * The parser for a path.
 *
 * @param parser the parser that claims the path, or the fallback
 * @param isGuess whether the path only ends like one of the parser's: it may belong to an API of
 *     which nothing is known, and then what the parser thinks of the body is no reason to refuse it
 * @param fallback takes the body when a guess was wrong; null when there is none
 */
public record ParserChoice(
    Named<RequestParser> parser, boolean isGuess, @Nullable Named<RequestParser> fallback) {

  /** Whether the outcome confirms the choice: a guess must have found a whole request. */
  public boolean isConfirmedBy(ParseOutcome outcome) {
    return !isGuess
        || (outcome instanceof ParseOutcome.Parsed parsed && !parsed.body().model().isEmpty());
  }
}
