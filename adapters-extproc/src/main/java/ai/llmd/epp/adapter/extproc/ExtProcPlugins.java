package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.body.PassthroughParser;
import ai.llmd.epp.adapter.extproc.body.anthropic.AnthropicParser;
import ai.llmd.epp.adapter.extproc.body.openai.OpenAiParser;
import ai.llmd.epp.adapter.extproc.body.sglang.SglangHttpParser;
import ai.llmd.epp.adapter.extproc.body.vertex.VertexAiParser;
import ai.llmd.epp.adapter.extproc.body.vllm.VllmGrpcParser;
import ai.llmd.epp.adapter.extproc.body.vllm.VllmHttpParser;
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
          VertexAiParser.TYPE,
          PassthroughParser.TYPE);

  @Override
  public List<PluginType<?>> types() {
    return BUILT_IN;
  }
}
