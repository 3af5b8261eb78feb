package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.util.List;

/** The parsers of this module. */
public final class ExtProcPlugins implements PluginCatalogue {

  private static final List<PluginType<?>> BUILT_IN =
      List.of(
          OpenAiParser.TYPE,
          AnthropicParser.TYPE,
          VllmHttpParser.TYPE,
          SglangHttpParser.TYPE,
          VllmGrpcParser.TYPE,
          PassthroughParser.TYPE);

  @Override
  public List<PluginType<?>> types() {
    return BUILT_IN;
  }
}
