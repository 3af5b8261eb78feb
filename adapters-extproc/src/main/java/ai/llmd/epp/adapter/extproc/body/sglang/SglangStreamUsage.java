package ai.llmd.epp.adapter.extproc.body.sglang;

import ai.llmd.epp.adapter.extproc.body.DataLines;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.json.JsonScanner;
import org.jspecify.annotations.Nullable;

/** Usage of an SGLang event stream: that of its first event with a finish reason. */
final class SglangStreamUsage implements UsageReader {

  private final DataLines lines = new DataLines(true);

  @Override
  public @Nullable Usage read(byte[] bytes, int start, int end) {
    lines.open(bytes, start, end);
    SglangMetaInfo ended = finalMetaInfo();
    lines.close();
    return ended == null ? null : ended.usage();
  }

  private @Nullable SglangMetaInfo finalMetaInfo() {
    while (lines.next()) {
      JsonScanner json = lines.json();
      SglangMetaInfo metaInfo = SglangMetaInfo.read(json);
      json.finish();
      if (json.error() == null && metaInfo != null && metaInfo.isFinished()) {
        return metaInfo;
      }
    }
    return null;
  }
}
