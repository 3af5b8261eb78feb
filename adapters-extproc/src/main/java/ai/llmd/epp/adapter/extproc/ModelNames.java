package ai.llmd.epp.adapter.extproc;

import com.google.protobuf.ByteString;
import java.util.function.UnaryOperator;

/** Gives responses the name by which their client knows the model. Any thread. */
@FunctionalInterface
public interface ModelNames {

  /**
   * Renames one response, a whole body or chunk by chunk, on one thread. It returns the very bytes
   * when nothing in them changes.
   *
   * @param served model that answers
   * @param asked model that the client named, another one
   */
  UnaryOperator<ByteString> between(String served, String asked);
}
