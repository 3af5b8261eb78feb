/** Tokens found in this process, by a model's own tokenizer file and chat template. */
@NullMarked
package ai.llmd.epp.adapter.tokenizers.local;

import org.jspecify.annotations.NullMarked;
