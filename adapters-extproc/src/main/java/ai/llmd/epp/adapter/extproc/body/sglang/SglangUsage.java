package ai.llmd.epp.adapter.extproc.body.sglang;

import ai.llmd.epp.adapter.extproc.body.EventStream;
import ai.llmd.epp.adapter.extproc.body.StreamUsage;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.json.JsonScanner;
import org.jspecify.annotations.Nullable;

/** Usage of a whole SGLang response. */
final class SglangUsage implements UsageReader {

  private static final EventStream.Format STREAM =
      new EventStream.Format("finish_reason", true, false);

  /** Usage of an event stream: that of its events with a finish reason. */
  static UsageReader ofStream() {
    return new StreamUsage(STREAM, SglangUsage::ofEvent);
  }

  private static @Nullable Usage ofEvent(JsonScanner event) {
    SglangMetaInfo metaInfo = SglangMetaInfo.read(event);
    return metaInfo != null && metaInfo.isFinished() ? metaInfo.usage() : null;
  }

  @Override
  public @Nullable Usage read(byte[] bytes, int start, int end) {
    JsonScanner json = new JsonScanner(bytes, start, end);
    SglangMetaInfo metaInfo = SglangMetaInfo.read(json);
    json.finish();
    return json.error() == null && metaInfo != null ? metaInfo.usage() : null;
  }
}
