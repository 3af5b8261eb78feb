package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.body.ParserChoice;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.application.port.in.FollowResponse;
import ai.llmd.epp.application.port.in.RouteRequest;
import ai.llmd.epp.application.port.out.ExchangeObserver;
import ai.llmd.epp.application.port.out.RequestTracer;
import ai.llmd.epp.domain.request.SubsetHint;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a conversation with Envoy needs from the rest of the program. Every part is called from
 * event loops, by many streams at once.
 *
 * @param requestIds names requests that came without an id, see {@link RequestIds}
 * @param nanoClock as {@link System#nanoTime()}
 * @param limits the same in every configuration
 * @param emitsScores whether every candidate's score is sent to Envoy; {@code
 *     --emit-endpoint-scores}
 * @param propagatesPriority whether bodies are sent with the request's priority; {@code
 *     requestHandler.propagatePriority}
 * @param ignoresSubsets whether the gateway's restriction to some endpoints is ignored; {@code
 *     --disable-endpoint-subset-filter}
 */
public record ExtProcParts(
    RouteRequest router,
    FollowResponse follower,
    ExchangeObserver observer,
    RequestTracer tracer,
    ParserLookup parsers,
    ModelNames modelNames,
    Supplier<String> requestIds,
    LongSupplier nanoClock,
    StreamLimits limits,
    boolean emitsScores,
    boolean ignoresSubsets,
    boolean propagatesPriority) {

  /** Reads the response to a request whose body was not seen; null when no parser does. */
  @Nullable RequestParser parserWithoutBody() {
    ParserChoice choice = parsers.find(RequestHead.DEFAULT_PATH);
    return choice == null ? null : choice.parser().plugin();
  }

  /** The endpoints that the gateway allows, unless its restrictions are ignored. */
  SubsetHint subset(Metadata metadata) {
    return ignoresSubsets ? SubsetHint.ALL : SubsetHints.read(metadata);
  }
}
