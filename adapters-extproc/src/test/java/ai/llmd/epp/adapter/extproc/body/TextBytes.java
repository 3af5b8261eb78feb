package ai.llmd.epp.adapter.extproc.body;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.domain.request.Utf8Text;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Prompt texts made readable, and their lengths checked. */
public final class TextBytes {

  private TextBytes() {}

  public static byte[] bytes(Utf8Text text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    text.writeTo(bytes::write);
    assertThat(text.byteLength()).isEqualTo(bytes.size());
    return bytes.toByteArray();
  }

  public static String string(Utf8Text text) {
    return new String(bytes(text), StandardCharsets.UTF_8);
  }

  /** The text pieces of all prompts; assets appear as their modality and content. */
  public static List<String> texts(ParsedBody body) {
    return body.prompts().stream()
        .flatMap(prompt -> prompt.pieces().stream())
        .map(TextBytes::string)
        .toList();
  }

  /** The first piece of one of the prompts, which is of token ids. */
  public static int[] tokenIds(ParsedBody body, int prompt) {
    return ((PromptPiece.TokenIds) body.prompts().get(prompt).pieces().getFirst()).ids();
  }

  private static String string(PromptPiece piece) {
    return switch (piece) {
      case PromptPiece.Text(Utf8Text text) -> string(text);
      case PromptPiece.Asset(PromptPiece.Modality modality, Utf8Text content) ->
          modality + ":" + string(content);
      case PromptPiece.TokenIds ids -> ids.toString();
    };
  }
}
