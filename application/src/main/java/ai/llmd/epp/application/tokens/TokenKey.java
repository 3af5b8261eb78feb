package ai.llmd.epp.application.tokens;

import ai.llmd.epp.domain.prefix.XxHash64;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.Utf8Text;

/**
 * What distinguishes the tokens of a request: its API, its model and its body, in 128 bits. The
 * secret keeps clients from sending bodies that are taken for each other.
 */
record TokenKey(long high, long low) {

  private static final byte[] NO_UTF_8 = {(byte) 0xff};

  static TokenKey of(InferenceRequest request, long secret) {
    XxHash64 high = new XxHash64(secret);
    XxHash64 low = new XxHash64(secret * 0x9E3779B97F4A7C15L + 1);
    add(Utf8Text.of(request.targetModel()), high, low);
    add(request.api(), high, low);
    add(request.rawBody(), high, low);
    return new TokenKey(high.digest(), low.digest());
  }

  private static void add(Utf8Text text, XxHash64 high, XxHash64 low) {
    text.writeTo(
        (bytes, offset, length) -> {
          high.update(bytes, offset, length);
          low.update(bytes, offset, length);
        });
  }

  /** Also ends the model's name. */
  private static void add(ApiKind api, XxHash64 high, XxHash64 low) {
    high.update(NO_UTF_8, 0, NO_UTF_8.length);
    low.update(NO_UTF_8, 0, NO_UTF_8.length);
    add(Utf8Text.of(api.name()), high, low);
  }
}
