package ai.llmd.epp.adapter.extproc.body.sglang;

import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.json.JsonScanner;
import org.jspecify.annotations.Nullable;

/** Usage of a whole SGLang response. */
final class SglangUsage implements UsageReader {

  @Override
  public @Nullable Usage read(byte[] bytes, int start, int end) {
    JsonScanner json = new JsonScanner(bytes, start, end);
    SglangMetaInfo metaInfo = SglangMetaInfo.read(json);
    json.finish();
    return json.error() == null && metaInfo != null ? metaInfo.usage() : null;
  }
}
