/* reword - replies in another class, or by a recipient's wish */
#include "filter/member.h"

#include <string.h>

static void
copy_cut(char *to, size_t size, const char *from)
{
	size_t len = strlen(from);

	if (len >= size)
		len = size - 1;
	memcpy(to, from, len);
	to[len] = '\0';
}

void
reword_class(struct chain *chain, struct reply *reply, unsigned code)
{
	char new = (char)('0' + code / 100);
	char *token;

	reply->code = code;
	if (reply->enhanced[0] != '\0') {
		copy_cut(chain->enhanced, sizeof chain->enhanced,
		    reply->enhanced);
		chain->enhanced[0] = new;
		reply->enhanced = chain->enhanced;
	}
	copy_cut(chain->words, sizeof chain->words, reply->text);
	token = strstr(chain->words, "(#");
	if (token != NULL && (token[2] == '4' || token[2] == '5'))
		token[2] = new;
	reply->text = chain->words;
}

int
reword_wants(const struct chain *chain, const char *key)
{
	enum level level;
	uint64_t number;

	return setting_number(chain->session->settings, key, &number,
	    &level) == OK && number > 0;
}

void
reword_outcome(struct chain *chain, struct outcome *outcome)
{
	struct reply *reply = &outcome->reply;

	if (outcome->is_ours || outcome->filter == NULL)
		return;
	/* A mail with fewer recipients, say, is not to be refused for good. */
	if (outcome->verdict == DEFER && !outcome->is_for_now &&
	    reply->code != LIMITED_CODE &&
	    reword_wants(chain, CHAIN_FAIL_HARD)) {
		outcome->verdict = REJECT;
		if (reply->code < 500)
			reword_class(chain, reply, REFUSED_CODE);
	}
	if (outcome->verdict == REJECT &&
	    strncmp(reply->enhanced, "5.7.", 4) == 0 &&
	    reword_wants(chain, CHAIN_NO_USER))
		reply_set(reply, REFUSED_CODE, "5.1.1",
		    "no mailbox here by that name (#5.1.1)");
}
