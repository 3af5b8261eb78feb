package ai.llmd.epp.adapter.extproc.body.sglang;

import ai.llmd.epp.adapter.extproc.body.EventStream;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.json.JsonScanner;
import org.jspecify.annotations.Nullable;

/** Usage of an SGLang event stream: that of its events with a finish reason. */
final class SglangStreamUsage implements UsageReader {

  private final EventStream stream = new EventStream("finish_reason", true, this::event);
  private @Nullable Usage found;

  @Override
  public @Nullable Usage read(byte[] bytes, int start, int end) {
    stream.read(bytes, start, end);
    return take();
  }

  @Override
  public @Nullable Usage finish() {
    stream.finish();
    return take();
  }

  private void event(byte[] bytes, int start, int end) {
    SglangMetaInfo metaInfo = SglangMetaInfo.read(new JsonScanner(bytes, start, end));
    Usage reported = metaInfo != null && metaInfo.isFinished() ? metaInfo.usage() : null;
    if (reported != null) {
      found = found == null ? reported : found.merge(reported);
    }
  }

  private @Nullable Usage take() {
    Usage taken = found;
    found = null;
    return taken;
  }
}
