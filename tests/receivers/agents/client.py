# The official client in Python: starts the server that standard input names, makes its calls, prints what came of them.
import asyncio
import json
import sys
import time

from mcp import ClientSession, StdioServerParameters, stdio_client

given = json.load(sys.stdin)


async def main():
    server = StdioServerParameters(
        command=given["command"], args=given["args"], env=given["env"], cwd=given["cwd"]
    )
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        tools = (await session.list_tools()).tools
        prompts = (await session.list_prompts()).prompts
        prompt = await session.get_prompt(prompts[0].name)
        results = [
            await session.call_tool(call["name"], call["arguments"])
            for call in given["calls"]
        ]
        resource = await session.read_resource("capture:///sent")
        begun = time.monotonic()
        cancelled = given["cancelled"]
        try:
            await asyncio.wait_for(
                session.call_tool(cancelled["name"], cancelled["arguments"]), 0.3
            )
            ended = "done"
        except asyncio.TimeoutError:
            ended = "cancelled"
        took = (time.monotonic() - begun) * 1000
        first = given["calls"][0]
        after = await session.call_tool(first["name"], first["arguments"])
        print(
            json.dumps(
                {
                    "tools": [tool.name for tool in tools],
                    "hints": {tool.name: tool.annotations.read_only_hint for tool in tools},
                    "prompt": prompt.messages[0].content.text,
                    "results": [
                        {"isError": bool(result.is_error), "structured": result.structured_content}
                        for result in results
                    ],
                    "resource": resource.contents[0].text,
                    "ended": ended,
                    "took": took,
                    "after": bool(after.is_error),
                }
            )
        )


asyncio.run(main())
