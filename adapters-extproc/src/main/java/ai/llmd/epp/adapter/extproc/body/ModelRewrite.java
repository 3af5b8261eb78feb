package ai.llmd.epp.adapter.extproc.body;

import com.google.protobuf.ByteString;

/** Puts another model's name into a body and leaves every other byte as it was. */
public interface ModelRewrite {

  /** For bodies whose model cannot be changed. */
  ModelRewrite NONE =
      (body, model) -> {
        throw new IllegalStateException("this body's model cannot be rewritten");
      };

  /** The whole new body. */
  ByteString apply(ByteString body, String model);
}
