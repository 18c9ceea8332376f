package kf

// textRecalled is what agents read where the customer took a message back.
const textRecalled = "顾客撤回了一条消息"

// textLast is what the channel itself says below the last message that a customer may be sent before they write again.
const textLast = "（微信限制条数，这条之后要等您再说一句，我们才能接着回复）"
