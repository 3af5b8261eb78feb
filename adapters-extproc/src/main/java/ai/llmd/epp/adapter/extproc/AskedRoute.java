package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.body.EditedBody;
import ai.llmd.epp.adapter.extproc.body.EnginePriority;
import ai.llmd.epp.adapter.extproc.body.TopLevelPriority;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import com.google.protobuf.ByteString;

/**
 * A request that can be routed, and what its answer needs.
 *
 * @param parser reads the response's usage
 * @param body as it came
 * @param endsStream whether the body's end is the request's end; otherwise trailers follow
 */
record AskedRoute(
    ReceivedRequest request,
    RequestParser parser,
    ParsedBody parsed,
    ByteString body,
    boolean endsStream)
    implements RequestReader.Reading {

  /**
   * Whether the body has to be edited for its route, where it can be.
   *
   * @param hasPriority whether the model server gets the request's priority in it
   */
  boolean isEditedFor(Route route, boolean hasPriority) {
    return hasPriority || Exchange.isRenamed(route.labels());
  }

  /**
   * The body for the model server; the very one that came when nothing has to be edited, or it
   * cannot be. Any thread.
   *
   * @param hasPriority whether the model server gets the request's priority in it
   */
  ByteString bodyFor(Route route, boolean hasPriority) {
    RequestLabels labels = route.labels();
    ByteString named = Exchange.isRenamed(labels) ? bodyNaming(labels.targetModel()) : body;
    return hasPriority ? withPriority(named, EnginePriority.of(route)) : named;
  }

  /** A body of this request with a priority; the very one where it cannot be edited. */
  private ByteString withPriority(ByteString named, int priority) {
    return request.body().isModelRewritable() ? TopLevelPriority.written(named, priority) : named;
  }

  /** The body that names another model; the very one that came where it cannot be edited. */
  private ByteString bodyNaming(String model) {
    return request.body().isModelRewritable()
        ? EditedBody.of(body, parsed.modelRenaming().edits(model))
        : body;
  }
}
