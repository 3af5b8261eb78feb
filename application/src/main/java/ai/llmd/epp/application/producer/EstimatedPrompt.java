package ai.llmd.epp.application.producer;

import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.request.ByteSink;
import ai.llmd.epp.domain.request.PlacedAsset;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.domain.request.PromptPiece.Asset;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import ai.llmd.epp.domain.request.PromptPiece.TokenIds;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Prompts laid out as tokens, whose bytes are written out of the request's body whenever a plugin
 * wants to read them. Lives as long as the request.
 */
final class EstimatedPrompt implements TokenizedPrompt {

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final byte[] ZEROS = new byte[Integer.BYTES];

  /** Tokens that are written at once: a kilobyte. */
  private static final int CUT = 256;

  private final Layout[] layouts;
  private final String cacheSalt;

  /**
   * One prompt.
   *
   * @param tokens of the whole prompt
   * @param placeholders tokens that stand for assets
   * @param assets its assets, in the order of the pieces
   */
  record Layout(Prompt prompt, int tokens, int placeholders, List<Placeholders> assets) {}

  /**
   * The tokens that stand for one asset: the low half of its hash, again and again.
   *
   * @param offset the first of them
   */
  record Placeholders(Modality modality, long hash, int offset, int count) {

    Feature feature() {
      return new Feature(modality, Long.toHexString(hash), offset, count);
    }
  }

  EstimatedPrompt(Layout[] layouts, String cacheSalt) {
    this.layouts = layouts;
    this.cacheSalt = cacheSalt;
  }

  @Override
  public int prompts() {
    return layouts.length;
  }

  @Override
  public int tokens(int prompt) {
    return layouts[prompt].tokens();
  }

  @Override
  public String cacheSalt() {
    return cacheSalt;
  }

  @Override
  public List<Feature> features(int prompt) {
    List<Placeholders> assets = layouts[prompt].assets();
    List<PlacedAsset> placed = layouts[prompt].prompt().placed();
    List<Feature> features = new ArrayList<>(assets.size() + placed.size());
    for (int i = 0; i < assets.size(); i++) {
      features.add(assets.get(i).feature());
    }
    for (int i = 0; i < placed.size(); i++) {
      PlacedAsset asset = placed.get(i);
      features.add(new Feature(asset.modality(), asset.hash(), asset.offset(), asset.length()));
    }
    return features;
  }

  @Override
  public void writeTokens(int prompt, ByteSink sink) {
    Layout layout = layouts[prompt];
    int asset = 0;
    int odd = 0; // bytes beyond the last whole token
    for (PromptPiece piece : layout.prompt().pieces()) {
      if (sink.isFull()) {
        return;
      }
      switch (piece) {
        case PromptPiece.Text text -> {
          text.utf8().writeTo(sink);
          odd = (odd + text.utf8().byteLength()) % Integer.BYTES;
        }
        case TokenIds(int[] ids) -> {
          odd = pad(odd, sink);
          writeIds(ids, sink);
        }
        case Asset ignored -> {
          odd = pad(odd, sink);
          writePlaceholders(layout.assets().get(asset++), sink);
        }
      }
    }
    pad(odd, sink);
  }

  private static int pad(int odd, ByteSink sink) {
    if (odd > 0) {
      sink.write(ZEROS, 0, Integer.BYTES - odd);
    }
    return 0;
  }

  private static void writeIds(int[] ids, ByteSink sink) {
    byte[] cut = new byte[Integer.BYTES * Math.min(ids.length, CUT)];
    for (int at = 0; at < ids.length && !sink.isFull(); at += CUT) {
      int count = Math.min(CUT, ids.length - at);
      for (int i = 0; i < count; i++) {
        INTS.set(cut, Integer.BYTES * i, ids[at + i]);
      }
      sink.write(cut, 0, Integer.BYTES * count);
    }
  }

  private static void writePlaceholders(Placeholders asset, ByteSink sink) {
    byte[] cut = new byte[Integer.BYTES * Math.min(asset.count(), CUT)];
    for (int i = 0; i < cut.length; i += Integer.BYTES) {
      INTS.set(cut, i, (int) asset.hash());
    }
    for (int at = 0; at < asset.count() && !sink.isFull(); at += CUT) {
      sink.write(cut, 0, Integer.BYTES * Math.min(CUT, asset.count() - at));
    }
  }
}
