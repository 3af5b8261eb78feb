package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.adapter.extproc.body.Envelope;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.StoredAnswers;
import java.util.List;

/**
 * The fields of one API's requests beyond the {@link Envelope}. Filled by one walk over the body.
 */
interface ApiView {

  /** Reads the value at which the scanner stands, if its key is this API's; false leaves it. */
  boolean read(FieldReader fields);

  /**
   * Whether what the API cannot do without was there, or what may stand for it. It need not be
   * understood.
   */
  boolean isComplete();

  /** What the model will read; empty when that is not understood. */
  List<Prompt> prompts();

  /** What the request has to do with answers that servers keep. */
  default StoredAnswers stored() {
    return StoredAnswers.NONE;
  }
}
