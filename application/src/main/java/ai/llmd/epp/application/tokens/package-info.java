/** The tokens of a request, found by the model's own tokenizer before the request is admitted. */
@NullMarked
package ai.llmd.epp.application.tokens;

import org.jspecify.annotations.NullMarked;
