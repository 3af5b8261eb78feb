package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.body.EditedBody;
import ai.llmd.epp.adapter.extproc.body.TopLevelPriority;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.domain.request.ReceivedRequest;
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

  /** A body of this request with a priority; the very one where it cannot be edited. */
  ByteString withPriority(ByteString named, int priority) {
    return request.body().isModelRewritable() ? TopLevelPriority.written(named, priority) : named;
  }

  /** The body that names another model; the very one that came where it cannot be edited. */
  ByteString bodyNaming(String model) {
    return request.body().isModelRewritable()
        ? EditedBody.of(body, parsed.modelRenaming().edits(model))
        : body;
  }
}
