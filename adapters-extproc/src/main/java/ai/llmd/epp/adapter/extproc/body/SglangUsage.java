package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.json.JsonScanner;
import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/** Usage of a whole SGLang response. */
final class SglangUsage implements UsageReader {

  private final ChunkBytes bytes = new ChunkBytes();

  @Override
  public @Nullable Usage read(ByteString chunk) {
    bytes.open(chunk);
    JsonScanner json = new JsonScanner(bytes.array(), bytes.start(), bytes.end());
    SglangMetaInfo metaInfo = SglangMetaInfo.read(json);
    json.finish();
    bytes.close();
    return json.error() == null && metaInfo != null ? metaInfo.usage() : null;
  }
}
