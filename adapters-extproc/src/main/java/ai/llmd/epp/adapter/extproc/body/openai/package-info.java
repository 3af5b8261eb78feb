/**
 * The OpenAI family of APIs: its requests, one view for each API, and the usage in its responses.
 */
@NullMarked
package ai.llmd.epp.adapter.extproc.body.openai;

import org.jspecify.annotations.NullMarked;
