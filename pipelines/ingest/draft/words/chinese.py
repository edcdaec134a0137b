"""Traditional Chinese characters as simplified ones, so that one vocabulary covers both."""

from __future__ import annotations

TRADITIONAL = (
    "電話號碼戶來預約區間總價額簽訂認購買賣場經紀員業務顧問聯絡繫進轉紹線單無實際訪觀帶談備註記錄時開發選擇類別種樓盤棟層"
    "頻網項徑動機級狀態階關係絕擾過辦撥聽達應對報議誠錢產權積廳車環廣導傳親鄰薦舊離職齡貸頭繳計劃創編證郵檔陸臺灣萬億圓"
    "幣貨屆滿續終違訊啟歷據覽點評質門團隊組責負獲體視頁殼華東爾處後從與為個數見長條專屬輸贏敗虛測試斷響佔掛賞寫確審凍結"
    "標準鋪貴寶資費賬帳歸尋較競簡適當遲緩國縣鄉鎮衛陽臥現況執儲熱誤錯內設決紅藍書頓強銀須願"
)
SIMPLIFIED = (
    "电话号码户来预约区间总价额签订认购买卖场经纪员业务顾问联络系进转绍线单无实际访观带谈备注记录时开发选择类别种楼盘栋层"
    "频网项径动机级状态阶关系绝扰过办拨听达应对报议诚钱产权积厅车环广导传亲邻荐旧离职龄贷头缴计划创编证邮档陆台湾万亿圆"
    "币货届满续终违讯启历据览点评质门团队组责负获体视页壳华东尔处后从与为个数见长条专属输赢败虚测试断响占挂赏写确审冻结"
    "标准铺贵宝资费账账归寻较竞简适当迟缓国县乡镇卫阳卧现况执储热误错内设决红蓝书顿强银须愿"
)
_TABLE = str.maketrans(TRADITIONAL, SIMPLIFIED)


def simplified(text: str) -> str:
    """The text with the traditional characters of real estate replaced by simplified ones."""
    return text.translate(_TABLE)


def is_traditional(text: str) -> bool:
    return simplified(text) != text
