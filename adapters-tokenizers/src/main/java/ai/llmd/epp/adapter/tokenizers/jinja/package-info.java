/**
 * Chat templates: the part of the Jinja language that they use, with the meaning that Python gives
 * it. What is not known is refused when a template is read, not guessed when it is rendered.
 */
@NullMarked
package ai.llmd.epp.adapter.tokenizers.jinja;

import org.jspecify.annotations.NullMarked;
