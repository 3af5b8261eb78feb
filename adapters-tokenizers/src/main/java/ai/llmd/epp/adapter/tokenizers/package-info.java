/** Tokens of prompts from vLLM's render paths. */
@NullMarked
package ai.llmd.epp.adapter.tokenizers;

import org.jspecify.annotations.NullMarked;
