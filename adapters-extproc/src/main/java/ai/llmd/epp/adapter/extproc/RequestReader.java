package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.body.ParserChoice;
import ai.llmd.epp.adapter.extproc.body.openai.StoredPaths;
import ai.llmd.epp.adapter.extproc.message.BackingArray;
import ai.llmd.epp.adapter.extproc.message.RawBody;
import ai.llmd.epp.application.parsing.ModelRenaming;
import ai.llmd.epp.application.parsing.ParseOutcome;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.ReceivedBody;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.request.RoutingHints;
import ai.llmd.epp.domain.request.StoredAnswers;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import java.util.List;

/**
 * Makes of a request's head and complete body what is routed: chooses the parser, has it read the
 * body, and adds what the headers ask for. Any thread.
 */
final class RequestReader {

  /** What reading a request came to. */
  sealed interface Reading permits AskedRoute, Refused {}

  /** A request that no model server could serve. */
  record Refused(ErrorResponse answer) implements Reading {}

  private RequestReader() {}

  /**
   * Reads a whole request.
   *
   * @param metadata of the message that the body came with
   * @param endsStream whether the body's end is the request's end
   */
  static Reading read(
      ExtProcParts parts,
      RequestHead head,
      Metadata metadata,
      ByteString body,
      boolean endsStream) {
    String path = head.path();
    String reference = StoredPaths.referenceOfBody(path);
    if (!reference.isEmpty()) { // whatever is in it, only one server knows what to do
      return asked(parts, head, metadata, Tunnel.PARSER, unread(reference), body, endsStream);
    }
    ParserChoice choice = parts.parsers().find(path);
    if (choice == null) {
      return new Refused(ErrorResponse.noParserFor(path));
    }
    String codings = ContentCodings.toDecode(head);
    boolean isToBeRead = !choice.isGuess() && !choice.parser().plugin().pathSuffixes().isEmpty();
    if (isToBeRead && !codings.isEmpty()) {
      return new Refused(ErrorResponse.compressed(codings));
    }
    Named<RequestParser> parser = choice.parser();
    ParseOutcome outcome = parse(parts, parser, path, head, body);
    if (!choice.isConfirmedBy(outcome)) {
      parser = choice.fallback();
      if (parser == null) {
        return new Refused(ErrorResponse.noParserFor(path));
      }
      outcome = parse(parts, parser, path, head, body);
    }
    return switch (outcome) {
      case ParseOutcome.Malformed(String error) ->
          new Refused(ErrorResponse.of(Reason.MALFORMED, error));
      case ParseOutcome.Parsed(ParsedBody parsed) ->
          asked(parts, head, metadata, parser.plugin(), parsed, body, endsStream);
    };
  }

  private static ParsedBody unread(String reference) {
    return new ParsedBody(
        ApiKind.NONE,
        "",
        false,
        -1,
        List.of(),
        "",
        ModelRenaming.NONE,
        false,
        StoredAnswers.of(reference));
  }

  /** No end of a body will come, so the headers decide; otherwise as a body that nobody parses. */
  static AskedRoute readTunnel(ExtProcParts parts, RequestHead head, Metadata metadata) {
    ParsedBody unread = Tunnel.unread(head.queriedModel());
    return asked(parts, head, metadata, Tunnel.PARSER, unread, ByteString.EMPTY, false);
  }

  private static ParseOutcome parse(
      ExtProcParts parts,
      Named<RequestParser> parser,
      String path,
      RequestHead head,
      ByteString body) {
    long startedAtNanos = parts.nanoClock().getAsLong();
    ParseOutcome outcome = parser.plugin().parse(path, head, BackingArray.of(body), body.size());
    long nanos = parts.nanoClock().getAsLong() - startedAtNanos;
    parts.observer().bodyParsed(parser.type(), parser.name(), nanos);
    return outcome;
  }

  @SuppressWarnings("ReferenceEquality") // the one constant, not its like
  private static AskedRoute asked(
      ExtProcParts parts,
      RequestHead head,
      Metadata metadata,
      RequestParser parser,
      ParsedBody parsed,
      ByteString body,
      boolean endsStream) {
    boolean isRewritable = parser.canRewriteModel() && parsed.modelRenaming() != ModelRenaming.NONE;
    ReceivedRequest request =
        new ReceivedRequest(
            head.requestId(),
            head,
            new ReceivedBody(
                parsed.api(),
                parsed.model(),
                isRewritable,
                parsed.isStreaming(),
                parsed.outputTokenCap(),
                parsed.prompts(),
                parsed.cacheSalt(),
                body.size(),
                new RawBody(body),
                parsed.stored()),
            new RoutingHints(
                head.valueOrEmpty(SystemHeaders.REWRITE, SystemHeaders.REWRITE_ALIAS),
                head.objective(),
                head.valueOrEmpty(SystemHeaders.FAIRNESS, SystemHeaders.FAIRNESS_ALIAS),
                parts.subset(metadata),
                head.deadlineNanos()));
    return new AskedRoute(request, parser, parsed, body, endsStream);
  }
}
